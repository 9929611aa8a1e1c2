import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KMSClient } from '@aws-sdk/client-kms';
import { Route53Client } from '@aws-sdk/client-route-53';
import { S3Client } from '@aws-sdk/client-s3';
import { SESClient } from '@aws-sdk/client-ses';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SQSClient } from '@aws-sdk/client-sqs';

/** Something that makes calls of one service. */
export type Caller<Client extends { send: unknown }> = Pick<Client, 'send'>;

/** What checks are made with. */
export interface Lab {
  /** The deployment's name. */
  readonly name: string;
  readonly zone: string;
  /** A domain of the operator's that this account may send from. */
  readonly domain: string;
  /** A name that nobody has used. */
  readonly fresh: string;
  readonly ses: Caller<SESClient>;
  readonly sesV2: Caller<SESv2Client>;
  readonly kms: Caller<KMSClient>;
  readonly route53: Caller<Route53Client>;
  readonly s3: Caller<S3Client>;
  readonly sqs: Caller<SQSClient>;
  /** The bucket of revocations. */
  readonly revocations: string;
  /** The base URL of the API. */
  readonly api: string;
  /** The TXT values of a name in the zone, from the zone's own name servers. */
  readonly txt: (name: string) => Promise<readonly string[]>;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** Has something undone at the end, the last first. */
  readonly undo: (what: string, call: () => Promise<unknown>) => void;
}

export interface LabSettings extends Pick<
  Lab,
  'name' | 'zone' | 'domain' | 'revocations' | 'api' | 'txt'
> {
  /** Settings of the SDK's clients. */
  readonly client: object;
}

/** Makes a lab, and what undoes all that was made in it. */
export function openLab({ client, ...settings }: LabSettings): {
  readonly lab: Lab;
  /** @returns what could not be undone */
  readonly close: () => Promise<readonly string[]>;
} {
  const made: { what: string; call: () => Promise<unknown> }[] = [];
  const lab: Lab = {
    ...settings,
    fresh: `live-check-${randomBytes(4).toString('hex')}`,
    ses: new SESClient(client),
    sesV2: new SESv2Client({ ...client, maxAttempts: 1 }),
    kms: new KMSClient(client),
    route53: new Route53Client(client),
    s3: new S3Client({ ...client, forcePathStyle: 'endpoint' in client }),
    sqs: new SQSClient(client),
    sleep,
    undo: (what, call) => void made.push({ what, call }),
  };
  const close = async (): Promise<string[]> => {
    const left: string[] = [];
    for (const { what, call } of made.splice(0).toReversed()) {
      try {
        await call();
      } catch (error) {
        left.push(`${what}: ${(error as Error).name}: ${(error as Error).message}`);
      }
    }
    return left;
  };
  return { lab, close };
}
