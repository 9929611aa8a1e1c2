import { join } from 'node:path';
import { startDynamoDb, type DynamoDb } from '../aws/dynoxide.ts';
import { createCognito, type Cognito } from '../aws/cognito.ts';
import { createEventBridge, type BusEvent } from '../aws/events.ts';
import { startGateway, type AnsweredCall, type Authorize, type Gateway } from '../aws/gateway.ts';
import { createKms, type Kms } from '../aws/kms.ts';
import { createRoute53, type Route53 } from '../aws/route53.ts';
import { createS3 } from '../aws/s3.ts';
import { createSes, type Ses } from '../aws/ses.ts';
import type { SesEvent } from '../aws/ses-events.ts';
import { createSns } from '../aws/sns.ts';
import { createSqs, type Sqs } from '../aws/sqs.ts';
import { startDnsServer, type DnsServer } from '../dns/server.ts';
import { zoneFiles } from '../dns/zone-files.ts';
import { ACCOUNT } from '../template/interpret.ts';

export interface StandInOptions {
  readonly stateDir: string;
  readonly region: string;
  readonly dnsPort: number;
  readonly gatewayPort: number;
  readonly keyPairs?: string | undefined;
  readonly authorize: Authorize;
  readonly publish: (event: SesEvent, configurationSet: string) => Promise<void>;
  readonly hasBus: (name: string) => boolean;
  readonly deliver: (bus: string, event: BusEvent) => Promise<void>;
  readonly log: (problem: string) => void;
  readonly observe?: ((call: AnsweredCall) => void) | undefined;
}

/** The stand-ins of AWS, in this process or beside it. */
export interface StandIns {
  readonly cognito: Cognito;
  readonly dns: DnsServer;
  readonly dynamoDb: DynamoDb;
  readonly gateway: Gateway;
  readonly kms: Kms;
  readonly route53: Route53;
  readonly ses: Ses;
  readonly sqs: Sqs;
}

/** The folders of a state folder that people read. */
export const outboxOf = (stateDir: string): string => join(stateDir, 'outbox');
export const customerDnsOf = (stateDir: string): string => join(stateDir, 'customer-dns');

/** DNS and the services that live in this process; they are there at once. */
export async function startDns(
  { stateDir, region, dnsPort, publish, log }: StandInOptions,
  closing: (() => Promise<void> | void)[],
): Promise<Pick<StandIns, 'dns' | 'route53' | 'ses'>> {
  const route53 = createRoute53({ stateDir });
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
  });
  closing.push(() => ses.close());
  server = await startDnsServer({
    sources: [route53.zones, ses.zones, zoneFiles(customerDnsOf(stateDir), log)],
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
    authorize,
    hasBus,
    deliver,
    log,
    observe,
  }: StandInOptions,
  { dns, route53, ses }: Pick<StandIns, 'dns' | 'route53' | 'ses'>,
  closing: (() => Promise<void> | void)[],
): Promise<StandIns> {
  const dynamoDb = await closed(closing, () =>
    startDynamoDb({ stateDir, region, accountId: ACCOUNT, log }),
  );
  const sqs = createSqs({ stateDir, region, accountId: ACCOUNT });
  closing.push(() => sqs.close());
  const s3 = createS3({ stateDir });
  closing.push(() => s3.close());
  const sns = createSns({
    region,
    accountId: ACCOUNT,
    send: (queueArn, body) => sqs.send(queueArn.split(':').at(-1) ?? '', body),
  });
  const kms = createKms({ stateDir, region, accountId: ACCOUNT, keyPairs });
  closing.push(() => kms.close());
  const cognito = createCognito({ stateDir });
  const gateway = await closed(closing, () =>
    startGateway({
      port: gatewayPort,
      authorize,
      observe,
      resources: { region, accountId: ACCOUNT, kmsKeyArn: (reference) => kms.keyArnOf(reference) },
      services: {
        'cognito-idp': cognito.handle,
        dynamodb: dynamoDb.handle,
        events: createEventBridge({ region, accountId: ACCOUNT, hasBus, deliver }).handle,
        kms: kms.handle,
        route53: route53.handle,
        s3: s3.handle,
        ses: ses.handle,
        sns: sns.handle,
        sqs: sqs.handle,
      },
    }),
  );
  return { cognito, dns, dynamoDb, gateway, kms, route53, ses, sqs };
}

async function closed<Service extends { close(): Promise<void> }>(
  closing: (() => Promise<void> | void)[],
  start: () => Promise<Service>,
): Promise<Service> {
  const service = await start();
  closing.push(() => service.close());
  return service;
}
