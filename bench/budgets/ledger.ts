import { HANG_UP } from '../../local/aws/http.ts';
import type { AnsweredCall } from '../../local/aws/gateway.ts';

const writes = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
]);
const apiFunctions = new Set(['domains', 'messages', 'users', 'api-keys', 'webhook-settings']);

/** What a request of the service used of something that all tenants share. */
export type Kind =
  | 'read'
  | 'write'
  | 'budget read'
  | 'budget write'
  | 'queue place'
  | 'SES call'
  | 'Route 53 change'
  | 'KMS key pair'
  | 'invitation';

interface Entry {
  readonly kind: Kind;
  /** True of a function that answers the API. */
  readonly isOfApi: boolean;
  readonly body: string;
}

/** Counts what functions ask of AWS, and the packets of DNS. */
export class Ledger {
  #entries: Entry[] = [];
  #names: string[] = [];

  /** For `LocalOptions.observe`. */
  readonly observe = ({ service, request, accessKeyId, response }: AnsweredCall): void => {
    const name = accessKeyId.split('sender-domains-')[1];
    // The operator's tools and the bench itself have no such key.
    if (name === undefined || response === HANG_UP) return;
    const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
    const body = `${request.path} ${request.body.toString()}`;
    for (const kind of kindsOf(service, operation, body)) {
      this.#entries.push({ kind, isOfApi: apiFunctions.has(name), body });
    }
  };

  /** For `DnsServer.observe`. */
  readonly query = (name: string): void => void this.#names.push(name.toLowerCase());

  /** Forgets everything. */
  clear(): void {
    this.#entries = [];
    this.#names = [];
  }

  /** Requests to DynamoDB of the functions of the API, the authorizer's left out. */
  ofApi(): Record<'read' | 'write' | 'budget read' | 'budget write', number> {
    const calls = this.#entries.filter(({ isOfApi }) => isOfApi);
    const count = (kind: Kind) => calls.filter((one) => one.kind === kind).length;
    return {
      read: count('read'),
      write: count('write'),
      'budget read': count('budget read'),
      'budget write': count('budget write'),
    };
  }

  /** What was used for whoever one of these texts names: a tenant, labels, domains. */
  of(names: readonly string[]): Readonly<Record<Kind | 'packet', number>> {
    const isTheirs = (text: string) => names.some((name) => text.includes(name));
    const theirs = this.#entries.filter(({ body }) => isTheirs(body));
    const count = (kind: Kind) => theirs.filter((one) => one.kind === kind).length;
    return {
      read: count('read') + count('budget read'),
      write: count('write') + count('budget write'),
      'budget read': count('budget read'),
      'budget write': count('budget write'),
      'queue place': count('queue place'),
      'SES call': count('SES call'),
      'Route 53 change': count('Route 53 change'),
      'KMS key pair': count('KMS key pair'),
      invitation: count('invitation'),
      packet: this.#names.filter(isTheirs).length,
    };
  }

  count(kind: Kind): number {
    return this.#entries.filter((one) => one.kind === kind).length;
  }

  /** The place in the ledger from which turns are counted. */
  get length(): number {
    return this.#entries.length;
  }

  /**
   * The place of the first entry of a kind that names a text.
   *
   * @param from a place in the ledger
   * @returns undefined where there is none yet
   */
  find(kind: Kind, text: string, from: number): number | undefined {
    const found = this.#entries.findIndex(
      (one, place) => place >= from && one.kind === kind && one.body.includes(text),
    );
    return found < 0 ? undefined : found;
  }

  /**
   * The turns of a shared resource that others had before the first one that names a text.
   *
   * @param from a place in the ledger
   * @returns undefined where its turn has not come
   */
  turnsBefore(kind: Kind, text: string, from: number): number | undefined {
    const turns = this.#entries.slice(from).filter((one) => one.kind === kind);
    const own = turns.findIndex(({ body }) => body.includes(text));
    return own < 0 ? undefined : own;
  }
}

function kindsOf(service: string, operation: string, body: string): Kind[] {
  switch (service) {
    case 'dynamodb': {
      const isOfBudgets = /"TableName":"[^"]*budgets"|"[^"]*-budgets":/.test(body);
      const kind = writes.has(operation) ? 'write' : 'read';
      return [isOfBudgets ? `budget ${kind}` : kind];
    }
    case 'sqs':
      if (operation === 'SendMessage') return ['queue place'];
      if (operation !== 'SendMessageBatch') return [];
      return Array.from(body.matchAll(/"MessageBody"/g), () => 'queue place');
    case 'ses':
      return /Action=\w*(?:Identity|MailFrom)/.test(body) ? ['SES call'] : [];
    case 'route53':
      return body.includes('<ChangeBatch>') ? ['Route 53 change'] : [];
    case 'kms':
      return operation.startsWith('GenerateDataKeyPair') ? ['KMS key pair'] : [];
    case 'cognito-idp':
      return operation === 'AdminCreateUser' ? ['invitation'] : [];
    default:
      return [];
  }
}
