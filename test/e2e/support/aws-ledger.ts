import type { AnsweredCall } from '../../../local/aws/gateway.ts';
import { HANG_UP } from '../../../local/aws/http.ts';

/** The keys and writes made for one domain. */
export interface Spent {
  /** Key pairs of KMS. */
  readonly pairs: number;
  /** Writes of its claim by the rotation. */
  readonly claimWrites: number;
  /** Changes of Route 53 below its label: `UPSERT TXT`. */
  readonly changes: readonly string[];
}

const ROTATION_WORKER = 'function-sender-domains-rotation-worker';
const CHANGE = /<Change>.*?<Action>(\w+)<\/Action>.*?<Name>([^<]+)<\/Name>.*?<Type>(\w+)<\/Type>/gs;

/** Counts, by what the stand-ins answered, what AWS would put on the bill of each domain. */
export class AwsLedger {
  readonly #pairs: string[] = [];
  readonly #claimWrites: string[] = [];
  readonly #changes: { readonly name: string; readonly what: string }[] = [];

  /** For `LocalOptions.observe`. */
  readonly observe = (call: AnsweredCall): void => {
    const { service, request, response, accessKeyId } = call;
    if (response === HANG_UP || response.status >= 300) return;
    const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
    if (service === 'kms' && operation.startsWith('GenerateDataKeyPair')) {
      const { EncryptionContext: context } = JSON.parse(request.body.toString()) as {
        EncryptionContext: { domain: string };
      };
      this.#pairs.push(context.domain);
    }
    if (service === 'dynamodb' && accessKeyId === ROTATION_WORKER) {
      for (const key of writtenKeys(operation, request.body)) {
        if (key.startsWith('claim#')) this.#claimWrites.push(key.slice('claim#'.length));
      }
    }
    if (service === 'route53' && request.method === 'POST') {
      for (const [, action, name, type] of request.body.toString().matchAll(CHANGE)) {
        this.#changes.push({ name: name!, what: `${action} ${type}` });
      }
    }
  };

  /** @param label of the domain's claim */
  spent({ name, label }: { readonly name: string; readonly label: string }): Spent {
    return {
      pairs: this.#pairs.filter((domain) => domain === name).length,
      claimWrites: this.#claimWrites.filter((domain) => domain === name).length,
      changes: this.#changes.flatMap((change) =>
        change.name.includes(`.${label}.`) ? [change.what] : [],
      ),
    };
  }
}

interface Written {
  readonly Item?: { readonly sk?: { readonly S?: string } };
  readonly Key?: { readonly sk?: { readonly S?: string } };
}

/** The sort keys of the items that a DynamoDB request writes. */
function writtenKeys(operation: string, body: Buffer): string[] {
  if (!['PutItem', 'UpdateItem', 'TransactWriteItems'].includes(operation)) return [];
  const request = JSON.parse(body.toString()) as Written & {
    readonly TransactItems?: readonly { readonly Put?: Written; readonly Update?: Written }[];
  };
  const writes = request.TransactItems?.map(({ Put, Update }) => Put ?? Update ?? {}) ?? [request];
  return writes.flatMap(({ Item, Key }) => (Item ?? Key)?.sk?.S ?? []);
}
