import dns from 'node:dns';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { startLocal, type LocalOptions, type LocalRun } from '../../../cli/service/run.ts';
import { createTenant, revokeApiKey } from '../../../cli/tenant.ts';
import { ACCOUNT } from '../../../local/template/interpret.ts';
import { Api, until } from './api.ts';
import { skippingLongWaits } from './waits.ts';

export interface OutboxMail {
  id: string;
  /** The exact bytes SES was given. */
  raw: Buffer;
  /** The mail as SES changes it. */
  delivered: Buffer;
}

export interface Service {
  local: LocalRun;
  api: Api;
  stateDir: string;
  customerDns: string;
  dnsPort: number;
  resolver: dns.promises.Resolver;
  /** Every mail SES accepted so far, oldest first. */
  outbox(): Promise<OutboxMail[]>;
  /** The API as a new tenant sees it. */
  newTenant(name: string): Promise<Api>;
  revoke(key: string): Promise<void>;
  /** The id of the tenant that a local run begins with. */
  firstTenant(): Promise<string>;
  /** Puts a message on a queue: `outbound`. */
  enqueue(queue: string, request: object): void;
  /** Waits until a queue holds nothing, in flight or not. */
  idle(queue: string): Promise<void>;
  /** Moves time on, meanwhile, where a queue's messages only wait for it; see `skipLongWait`. */
  skippingLongWaits<T>(queue: string, work: () => Promise<T>): Promise<T>;
  /** Makes what was in flight visible at once, as SQS does when the visibility timeout is over. */
  redeliver(queue: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The values that a service of this worker shares with those of other files; one runs at a time.
 */
export const sharedOptions = (): { assemblies: string; keyPairs: string; dnsPort: number } => ({
  assemblies: inject('assemblies'),
  keyPairs: inject('keyPairs'),
  dnsPort: inject('dnsPorts')[Number(process.env['VITEST_POOL_ID']) - 1]!,
});

/** Starts the service as `npm start` does, with its state in a folder of its own. */
export async function startService(options: Partial<LocalOptions> = {}): Promise<Service> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'sender-domains-e2e-')));
  const local = await startLocal({ quiet: true, ...sharedOptions(), ...options, stateDir });
  const resolver = new dns.promises.Resolver();
  resolver.setServers([`127.0.0.1:${local.endpoints.dns.port}`]);
  return {
    local,
    api: new Api(local.endpoints.api, local.endpoints.apiKey),
    stateDir,
    customerDns: join(stateDir, 'customer-dns'),
    dnsPort: local.endpoints.dns.port,
    resolver,
    outbox: () => readOutbox(local.endpoints.outbox),
    newTenant: async (name) => {
      const { key } = await createTenant(name, { state: stateDir });
      return new Api(local.endpoints.api, key);
    },
    revoke: (key) => revokeApiKey(key, { state: stateDir }),
    firstTenant: () => firstTenant(local),
    enqueue: (queue, request) => void local.queues.send(queueName(queue), JSON.stringify(request)),
    idle: (queue) => idle(local, queueName(queue)),
    skippingLongWaits: (queue, work) => skippingLongWaits(local, queueName(queue), work),
    redeliver: (queue) => redeliver(local, queueName(queue)),
    stop: async () => {
      await local.stop();
      if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
    },
  };
}

const queueName = (queue: string) => `sender-domains-${queue}`;

const awsOf = ({ endpoints: { aws } }: LocalRun) => ({
  endpoint: aws.endpoint,
  region: aws.region,
  credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
});

async function firstTenant(local: LocalRun): Promise<string> {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(awsOf(local)));
  const { Items } = await client.send(
    new ScanCommand({ TableName: local.endpoints.aws.tables.tenants }),
  );
  client.destroy();
  const tenant = Items?.find(({ sk, name }) => sk === 'tenant' && name === 'local');
  if (tenant === undefined) throw new Error('there is no tenant named local');
  return String(tenant['pk']).slice('tenant#'.length);
}

async function idle(local: LocalRun, queue: string): Promise<void> {
  await until(
    `${queue} empty`,
    async () => {
      const { visible, delayed, inFlight } = local.queues.inspect(queue)!;
      return visible.length + delayed.length + inFlight.length;
    },
    (left) => left === 0,
    60,
  );
}

async function redeliver(local: LocalRun, queue: string): Promise<void> {
  const client = new SQSClient(awsOf(local));
  for (const { receipt } of local.queues.inspect(queue)!.inFlight) {
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: `${local.endpoints.aws.endpoint}/${ACCOUNT}/${queue}`,
        ReceiptHandle: receipt,
        VisibilityTimeout: 0,
      }),
    );
  }
  client.destroy();
}

export async function readOutbox(folder: string): Promise<OutboxMail[]> {
  const ids = (await readdir(folder))
    .filter((file) => file.endsWith('.eml') && !file.endsWith('.delivered.eml'))
    .map((file) => file.slice(0, -'.eml'.length))
    .sort();
  return Promise.all(
    ids.map(async (id) => ({
      id,
      raw: await readFile(join(folder, `${id}.eml`)),
      delivered: await readFile(join(folder, `${id}.delivered.eml`)),
    })),
  );
}
