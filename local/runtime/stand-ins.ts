import { join } from 'node:path';
import { createAcm, type Acm } from '../aws/acm.ts';
import { startDynamoDb, type DynamoDb } from '../aws/dynoxide.ts';
import { withConsumedCapacity } from '../aws/consumed-capacity.ts';
import { createCognito, type Cognito } from '../aws/cognito.ts';
import { createEventBridge, type BusEvent } from '../aws/events.ts';
import {
  startGateway,
  type AnsweredCall,
  type Authorize,
  type Gateway,
  type GatewayOptions,
} from '../aws/gateway.ts';
import { createKms, type Kms } from '../aws/kms.ts';
import { createLambda, type LambdaFunction, type LambdaOptions } from '../aws/lambda.ts';
import { pointInTime, type PointInTime } from '../aws/point-in-time.ts';
import { createRoute53, type Route53 } from '../aws/route53.ts';
import { createS3 } from '../aws/s3.ts';
import { createSes, type Ses } from '../aws/ses.ts';
import type { SesEvent } from '../aws/ses-events.ts';
import type { Disorder } from '../aws/sqs-queues.ts';
import { createSns } from '../aws/sns.ts';
import { createSqs, type Sqs } from '../aws/sqs.ts';
import { TableWrites } from '../aws/table-writes.ts';
import { startDnsServer, type DnsServer } from '../dns/server.ts';
import { DNS_ADDRESS } from '../dns/resolution.ts';
import { zoneFiles, zoneFilesOf } from '../dns/zone-files.ts';
import { LOCAL_SECRET } from './functions.ts';
import { ACCOUNT } from '../template/interpret.ts';

export interface StandInOptions {
  readonly stateDir: string;
  readonly region: string;
  readonly dnsPort: number;
  readonly gatewayPort: number;
  readonly keyPairs?: string | undefined;
  /** Lifts the rates of SES, KMS and Route 53. */
  readonly fast: boolean;
  readonly authorize: Authorize;
  readonly publish: (event: SesEvent, configurationSet: string) => Promise<void>;
  readonly hasBus: (name: string) => boolean;
  /** A function by its name; undefined where the templates declare none. */
  readonly findFunction: (name: string) => LambdaFunction | undefined;
  readonly invokeFunction?: LambdaOptions['invoke'];
  readonly deliver: (bus: string, event: BusEvent) => Promise<void>;
  /** Has a function invoked asynchronously, with an event as JSON. */
  readonly invoke: (functionArn: string, event: string) => Promise<void>;
  readonly log: (problem: string) => void;
  readonly fail?: GatewayOptions['fail'];
  readonly disorder?: Disorder | undefined;
  readonly observe?: ((call: AnsweredCall) => void) | undefined;
}

/** Those of an account that has left the sandbox (FACTS): calls a second, and recipients a second. */
const SES_RATES = { controlRate: 1, sendRate: 14 };
/** Recipients a second that no machine reaches; the signers go by what SES says. */
const FAST_SEND_RATE = 10_000;

/** The stand-ins of AWS, in this process or beside it. */
export interface StandIns {
  readonly acm: Acm;
  readonly cognito: Cognito;
  readonly dns: DnsServer;
  readonly dynamoDb: DynamoDb;
  readonly copies: Pick<PointInTime, 'take'>;
  readonly gateway: Gateway;
  readonly kms: Kms;
  readonly route53: Route53;
  readonly ses: Ses;
  readonly sqs: Sqs;
  readonly writes: TableWrites;
}

/** The folders of a state folder that people read. */
export const outboxOf = (stateDir: string): string => join(stateDir, 'outbox');
export const customerDnsOf = (stateDir: string): string => join(stateDir, 'customer-dns');

/** The further addresses of customers' DNS, each with the folder of its own zone files. */
const OTHER_ADDRESSES = [
  { host: '127.0.0.2', folder: 'ns2' },
  { host: '127.0.0.3', folder: 'ns3' },
  { host: '127.0.0.4', folder: 'ns4' },
] as const;

/** DNS and the services that live in this process; they are there at once. */
export async function startDns(
  { stateDir, region, dnsPort, fast, publish, log }: StandInOptions,
  closing: (() => Promise<void> | void)[],
): Promise<Pick<StandIns, 'dns' | 'route53' | 'ses'>> {
  const route53 = createRoute53({ stateDir, rateLimits: !fast });
  closing.push(() => route53.close());
  let server: DnsServer | undefined;
  const ses = createSes({
    stateDir,
    outbox: outboxOf(stateDir),
    region,
    accountId: ACCOUNT,
    resolve(name, type) {
      if (server === undefined) throw new Error('the DNS server is not there yet');
      return server.resolve(name, type);
    },
    publish,
    log,
    ...(fast ? { sendRate: FAST_SEND_RATE } : SES_RATES),
  });
  closing.push(() => ses.close());
  const addresses = () => server?.addresses ?? ([DNS_ADDRESS] as const);
  const folder = customerDnsOf(stateDir);
  const customers = zoneFiles(folder, log, addresses);
  const sources = [route53.zones, ses.zones];
  server = await startDnsServer({
    sources: [...sources, customers],
    others: OTHER_ADDRESSES.map(({ host, folder: own }) => ({
      host,
      sources: [...sources, zoneFilesOf(zoneFiles(join(folder, own), log, addresses), customers)],
    })),
    port: dnsPort,
    log,
  });
  closing.push(() => server.close());
  return { dns: server, route53, ses };
}

/** DynamoDB, queues and buckets, KMS, and the gateway before all of them. */
export async function startServices(
  {
    stateDir,
    region,
    gatewayPort,
    keyPairs,
    fast,
    authorize,
    hasBus,
    findFunction,
    invokeFunction,
    deliver,
    invoke,
    log,
    fail,
    disorder,
    observe,
  }: StandInOptions,
  { dns, route53, ses }: Pick<StandIns, 'dns' | 'route53' | 'ses'>,
  closing: (() => Promise<void> | void)[],
): Promise<StandIns> {
  const dynamoDb = await closed(closing, () =>
    startDynamoDb({ stateDir, region, accountId: ACCOUNT, log }),
  );
  const writes = new TableWrites();
  const handle = writes.counting(dynamoDb.handle);
  const copies = pointInTime({ handle, stateDir, region });
  const sqs = createSqs({ stateDir, region, accountId: ACCOUNT, disorder });
  closing.push(() => sqs.close());
  const s3 = createS3({ stateDir });
  closing.push(() => s3.close());
  const sns = createSns({
    region,
    accountId: ACCOUNT,
    send: (queueArn, body) => sqs.send(queueArn.split(':').at(-1) ?? '', body),
    invoke,
  });
  const kms = createKms({ stateDir, region, accountId: ACCOUNT, keyPairs, rateLimits: !fast });
  closing.push(() => kms.close());
  const cognito = createCognito({ stateDir });
  const acm = createAcm({ stateDir, region, accountId: ACCOUNT });
  const gateway = await closed(closing, () =>
    startGateway({
      port: gatewayPort,
      authorize,
      fail,
      observe,
      secretOf: () => LOCAL_SECRET,
      resources: { region, accountId: ACCOUNT, kmsKeyArn: (reference) => kms.keyArnOf(reference) },
      services: {
        acm: acm.handle,
        'cognito-idp': cognito.handle,
        dynamodb: observe === undefined ? copies.handle : withConsumedCapacity(copies.handle),
        events: createEventBridge({ region, accountId: ACCOUNT, hasBus, deliver }).handle,
        kms: kms.handle,
        lambda: createLambda({
          find: findFunction,
          ...(invokeFunction && { invoke: invokeFunction }),
        }).handle,
        route53: route53.handle,
        s3: s3.handle,
        ses: ses.handle,
        sns: sns.handle,
        sqs: sqs.handle,
      },
    }),
  );
  return { acm, cognito, copies, dns, dynamoDb, gateway, kms, route53, ses, sqs, writes };
}

async function closed<Service extends { close(): Promise<void> }>(
  closing: (() => Promise<void> | void)[],
  start: () => Promise<Service>,
): Promise<Service> {
  const service = await start();
  closing.push(() => service.close());
  return service;
}
