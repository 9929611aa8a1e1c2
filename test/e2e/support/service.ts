import dns from 'node:dns';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { startLocal, type LocalOptions, type LocalRun } from '../../../cli/service/run.ts';
import { createTenant, revokeApiKey, setLimits } from '../../../cli/tenant.ts';
import { ACCOUNT } from '../../../local/template/interpret.ts';
import { Api, until, whileWaiting } from './api.ts';
import { skippingLongWaits, skipShortWait } from './waits.ts';

/** Tests poll, check many domains at once, and send a day's mail in a minute; all other limits are those of a deployment. */
const roomy = [
  'calls-minute=1000000',
  'checks=1000',
  'waiting-records=100',
  'recipients-minute=1000000',
  'recipients-day=10000000',
];

export interface OutboxMail {
  id: string;
  /** The exact bytes SES was given. */
  raw: Buffer;
  /** The mail as SES changes it. */
  delivered: Buffer;
}

/** Those whose DMARC reports every service here believes. */
export const REPORTERS = ['noreply-dmarc-support@google.com', 'dmarcreport@microsoft.com'];

/** In which these services differ from a deployment; the same for all, since each other one is synthesized once more. */
const config = { outbound: { unclearSeconds: 5 }, reports: { reporters: REPORTERS } };

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
  /** Sets limits of a tenant: `claims-hour=1`. */
  limit(tenant: string, ...changes: string[]): Promise<void>;
  /** The id of the tenant that `api` is of: that which a local run begins with, or a new one. */
  ownTenant(): Promise<string>;
  /** Puts a message on a queue: `outbound`. */
  enqueue(queue: string, request: object): void;
  /** Waits until a queue holds nothing, in flight or not. */
  idle(queue: string): Promise<void>;
  /** Moves time on, meanwhile, where a queue's messages only wait for it; see `skipLongWait`. */
  skippingLongWaits<T>(queue: string, work: () => Promise<T>): Promise<T>;
  /** Does the work while time goes as it does: what waits long is not to come meanwhile. */
  withoutSkips<T>(work: () => Promise<T>): Promise<T>;
  /** Makes what was in flight visible at once, as SQS does when the visibility timeout is over. */
  redeliver(queue: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The values that a service of this worker shares with those of other files; one runs at a time.
 */
export const sharedOptions = (): Pick<
  LocalOptions,
  'assemblies' | 'keyPairs' | 'dnsPort' | 'config'
> => ({
  config,
  assemblies: inject('assemblies'),
  keyPairs: inject('keyPairs'),
  dnsPort: inject('dnsPorts')[Number(process.env['VITEST_POOL_ID']) - 1]!,
});

export interface ServiceOptions extends LocalOptions {
  /** True, the default, if time is moved on while tests wait for what only pauses; see `skipShortWait`. */
  readonly skipsWaits: boolean;
}

/** The service that files of this worker share. It ends with the worker, or where a file starts its own. */
let shared: Promise<Service> | undefined;
let files = 0;

/**
 * Returns the service that files of this worker share, as a new tenant sees it. Its domains are to be
 * named after the file, since others are there; its outbox is what comes from now on.
 */
export async function sharedService(): Promise<Service> {
  shared ??= start({ stateDir: join(inject('states'), String(process.pid)) });
  const service = await shared;
  const { key, tenant } = await createTenant(`file ${(files += 1)}`, { state: service.stateDir });
  await setLimits(tenant.id, roomy, { state: service.stateDir });
  const earlier = new Set((await service.outbox()).map(({ id }) => id));
  return {
    ...service,
    api: new Api(service.local.endpoints.api, key),
    outbox: async () => readOutbox(service.local.endpoints.outbox, earlier),
    ownTenant: async () => tenant.id,
    stop: async () => {},
  };
}

/**
 * Starts the service as `npm start -- --fast` does, with its state in a folder of its own, on a clock
 * that can be moved; tests of rates have AWS's.
 */
export async function startService(options: Partial<ServiceOptions> = {}): Promise<Service> {
  // There is one clock and one DNS port in a worker.
  await (await shared)?.stop();
  shared = undefined;
  return start(options);
}

async function start({ skipsWaits = true, ...options }: Partial<ServiceOptions>): Promise<Service> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'sender-domains-e2e-')));
  const local = await startLocal({
    quiet: true,
    fast: true,
    movableTime: true,
    ...sharedOptions(),
    ...options,
    stateDir,
  });
  const skip = once(() => skipShortWait(local));
  if (skipsWaits) whileWaiting.add(skip);
  await setLimits('local', roomy, { state: stateDir });
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
      await setLimits(name, roomy, { state: stateDir });
      return new Api(local.endpoints.api, key);
    },
    limit: async (tenant, ...changes) =>
      void (await setLimits(tenant, changes, { state: stateDir })),
    revoke: (key) => revokeApiKey(key, { state: stateDir }),
    ownTenant: () => firstTenant(local),
    enqueue: (queue, request) => void local.queues.send(queueName(queue), JSON.stringify(request)),
    idle: (queue) => idle(local, queueName(queue)),
    skippingLongWaits: (queue, work) => skippingLongWaits(local, queueName(queue), work),
    withoutSkips: async (work) => {
      const skipped = whileWaiting.delete(skip);
      try {
        return await work();
      } finally {
        if (skipped) whileWaiting.add(skip);
      }
    },
    redeliver: (queue) => redeliver(local, queueName(queue)),
    stop: async () => {
      whileWaiting.delete(skip);
      await local.stop();
      if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** Returns a function that does not begin the work while it is under way. */
function once(work: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  return () =>
    (underWay ??= work().finally(() => {
      underWay = undefined;
    }));
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

/** @param leftOut the ids of mails that are not read */
export async function readOutbox(
  folder: string,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<OutboxMail[]> {
  const ids = (await readdir(folder))
    .filter((file) => file.endsWith('.eml') && !file.endsWith('.delivered.eml'))
    .map((file) => file.slice(0, -'.eml'.length))
    .filter((id) => !leftOut.has(id))
    .sort();
  return Promise.all(
    ids.map(async (id) => ({
      id,
      raw: await readFile(join(folder, `${id}.eml`)),
      delivered: await readFile(join(folder, `${id}.delivered.eml`)),
    })),
  );
}
