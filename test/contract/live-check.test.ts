import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import {
  type ChangeBatch,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import { ListIdentitiesCommand, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { byHand } from '../../cli/live-check/by-hand.ts';
import { runChecks, type Result } from '../../cli/live-check/check.ts';
import { groups, liveChecks } from '../../cli/live-check/index.ts';
import { type Lab, openLab } from '../../cli/live-check/lab.ts';
import type { Gateway } from '../../local/aws/gateway.ts';
import { createKms } from '../../local/aws/kms.ts';
import { createRoute53 } from '../../local/aws/route53.ts';
import { createS3 } from '../../local/aws/s3.ts';
import { createSes } from '../../local/aws/ses.ts';
import { createSqs } from '../../local/aws/sqs.ts';
import { type DnsServer, startDnsServer } from '../../local/dns/server.ts';
import { zoneFiles } from '../../local/dns/zone-files.ts';
import { isLong } from '../support/long.ts';
import { ACCOUNT, clientConfig, gatewayFor, REGION, remove } from '../local/aws/stand-ins.ts';

const ZONE = 'senders.acme.net';
const DOMAIN = 'probe.example';

let directory: string;
let dns: DnsServer;
let gateway: Gateway;
let web: Server;
/** What the API answers, by method and whether there is a key. */
let answers: { keyless: number; unknown: number; preflight: number };
let lab: Lab;
let close: () => Promise<readonly string[]>;
const closing: (() => Promise<unknown> | void)[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'live-check-'));
  answers = { keyless: 401, unknown: 403, preflight: 204 };
  const customers = join(directory, 'customer-dns');
  mkdirSync(customers);
  const route53 = createRoute53({ stateDir: directory, insyncDelayMs: 1 });
  route53.putHostedZone(ZONE);
  dns = await startDnsServer({
    sources: [route53.zones, zoneFiles(customers, () => {})],
    port: 0,
    log: () => {},
  });
  const ses = createSes({
    stateDir: directory,
    outbox: join(directory, 'outbox'),
    region: REGION,
    accountId: ACCOUNT,
    resolve: (name, type) => dns.resolve(name, type),
    publish: async () => {},
    log: () => {},
    sendRate: 14,
  });
  const kms = createKms({
    stateDir: directory,
    region: REGION,
    accountId: ACCOUNT,
    keyPairsInStock: 0,
  });
  for (const [index, alias] of ['wrapping', 'secrets'].entries()) {
    const keyId = `11111111-1111-1111-1111-11111111111${index}`;
    kms.putKey({ keyId, description: '', policy: {}, aliases: [`alias/acme-${alias}`] });
  }
  const s3 = createS3({ stateDir: directory });
  const sqs = createSqs({ stateDir: directory, region: REGION, accountId: ACCOUNT });
  gateway = await gatewayFor(
    { ses: ses.handle, route53: route53.handle, kms: kms.handle, s3: s3.handle, sqs: sqs.handle },
    {
      resources: { region: REGION, accountId: ACCOUNT, kmsKeyArn: () => 'arn:aws:kms:key' },
      // As the policies of the keys and of the bucket say.
      authorize: (_, { action }) =>
        action.startsWith('kms:') || action === 's3:DeleteObject'
          ? { allowed: false, reason: 'its policy denies it' }
          : { allowed: true },
    },
  );
  web = createServer((request, response) => {
    const status =
      request.method === 'OPTIONS'
        ? answers.preflight
        : request.headers.authorization === undefined
          ? answers.keyless
          : answers.unknown;
    response.writeHead(status).end();
  });
  await once(web.listen(0, '127.0.0.1'), 'listening');
  const opened = openLab({
    name: 'acme',
    zone: ZONE,
    domain: DOMAIN,
    revocations: 'acme-revocations',
    api: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    client: clientConfig(gateway),
    txt: async (name) => dns.resolve(name, 'TXT').answers.map(({ data }) => textOf(data)),
  });
  // SES's own rate is not held here.
  lab = { ...opened.lab, sleep: () => new Promise((resolve) => setTimeout(resolve, 5)) };
  close = opened.close;
  closing.push(
    () => gateway.close(),
    () => dns.close(),
    () => ses.close(),
    () => route53.close(),
    () => kms.close(),
    () => s3.close(),
    () => sqs.close(),
    () => void web.close(),
  );
  await lab.s3.send(new CreateBucketCommand({ Bucket: 'acme-revocations' }));
  await lab.sqs.send(new CreateQueueCommand({ QueueName: 'acme-webhook-undelivered' }));
  const { VerificationToken: token } = await lab.ses.send(
    new VerifyDomainIdentityCommand({ Domain: DOMAIN }),
  );
  writeFileSync(
    join(customers, `${DOMAIN}.zone`),
    `$ORIGIN ${DOMAIN}.\n_amazonses 60 IN TXT "${token}"\n`,
  );
});

afterEach(async () => {
  await close();
  for (const each of closing.splice(0)) await each();
  remove(directory);
});

/** The text of a TXT record, as the DNS server has it. */
const textOf = (data: unknown): string =>
  (Array.isArray(data) ? data : [data])
    .map((each) => Buffer.from(each as string).toString())
    .join('');

type Fields = Record<string, unknown>;
type Service = 'ses' | 'sesV2' | 'kms' | 'route53' | 's3' | 'sqs';
type Alter = (answer: () => Promise<object>, time: number) => Promise<object>;

/** Has AWS answer a command in another way. */
function planted(service: Service, command: string, alter: Alter): Lab {
  const client = lab[service] as { send: (command: object) => Promise<object> };
  let time = 0;
  const send = (given: object): Promise<object> =>
    given.constructor.name === command
      ? alter(() => client.send(given), (time += 1))
      : client.send(given);
  return { ...lab, [service]: { send } };
}

const wrong = (results: readonly Result[]) => results.filter(({ outcome }) => outcome !== 'held');

const changed =
  (change: (answer: Fields) => object): Alter =>
  async (answer) =>
    change((await answer()) as Fields);
const accepted: Alter = async () => ({ MessageId: 'x', ChangeInfo: { Id: 'x', Status: 'INSYNC' } });
const refused =
  (name: string): Alter =>
  async () => {
    throw Object.assign(new Error('planted'), { name });
  };
const attributes = (change: (of: Fields) => object | undefined): Alter =>
  changed((answer) => ({
    ...answer,
    VerificationAttributes: Object.fromEntries(
      Object.entries(answer['VerificationAttributes'] as Record<string, Fields>).flatMap(
        ([domain, of]) => {
          const next = change(of);
          return next === undefined ? [] : [[domain, next]];
        },
      ),
    ),
  }));

/** What AWS may do otherwise, by the check that has to say so. */
const deviations: Record<string, { check: string; plant: () => Lab }> = {
  'the API lets a call without a key through': {
    check: 'no-key',
    plant: () => ((answers.keyless = 200), lab),
  },
  'the API answers an unknown key with 500': {
    check: 'unknown-key',
    plant: () => ((answers.unknown = 500), lab),
  },
  'a preflight request comes to the authorizer': {
    check: 'preflight',
    plant: () => ((answers.preflight = 401), lab),
  },
  'an administrator may make key pairs': {
    check: 'wrapping-key-makes',
    plant: () => planted('kms', 'GenerateDataKeyPairWithoutPlaintextCommand', accepted),
  },
  'an administrator may encrypt by the wrapping key': {
    check: 'wrapping-key-encrypts',
    plant: () =>
      planted('kms', 'EncryptCommand', (answer, time) =>
        time === 1 ? accepted(answer, 1) : answer(),
      ),
  },
  'an administrator may seal a secret': {
    check: 'secrets-key',
    plant: () =>
      planted('kms', 'EncryptCommand', (answer, time) =>
        time === 2 ? accepted(answer, 1) : answer(),
      ),
  },
  'a revocation can be deleted': {
    check: 'revocations-stay',
    plant: () => planted('s3', 'DeleteObjectCommand', accepted),
  },
  'revocations can be deleted by the dozen': {
    check: 'revocations-stay',
    plant: () =>
      planted('s3', 'DeleteObjectsCommand', async () => ({
        Deleted: [{ Key: 'revoked/live-check' }],
      })),
  },
  'SQS moves what no queue of it filled': {
    check: 'undelivered-not-moved',
    plant: () => planted('sqs', 'StartMessageMoveTaskCommand', accepted),
  },
  'a change stays PENDING': {
    check: 'change-insync',
    plant: () =>
      planted('route53', 'GetChangeCommand', (answer, time) =>
        time <= 60 ? Promise.resolve({ ChangeInfo: { Status: 'PENDING' } }) : answer(),
      ),
  },
  'the strings of a text are joined by a space': {
    check: 'long-text',
    plant: () => ({
      ...lab,
      txt: async (name) => (await lab.txt(name)).map((text) => text.replace('ab', 'a b')),
    }),
  },
  'Route 53 takes a CNAME beside a text': {
    check: 'cname-conflict',
    plant: () => byChange(({ Type: type }) => type === 'CNAME'),
  },
  'Route 53 deletes what is not there': {
    check: 'delete-missing',
    plant: () =>
      byChange(({ Name: name = '' }, action) => action === 'DELETE' && name.startsWith('missing.')),
  },
  'Route 53 deletes a record by its name alone': {
    check: 'delete-other-value',
    plant: () => byChange((_, action, value) => action === 'DELETE' && value === '"v=2"'),
  },
  'a token has another form': {
    check: 'identity-token',
    plant: () =>
      planted('ses', 'VerifyDomainIdentityCommand', (answer, time) =>
        time === 1 ? Promise.resolve({ VerificationToken: 'short' }) : answer(),
      ),
  },
  'a new identity is NotStarted': {
    check: 'identity-pending',
    plant: () =>
      planted('ses', 'GetIdentityVerificationAttributesCommand', (answer, time) =>
        time === 2
          ? attributes((of) => ({ ...of, VerificationStatus: 'NotStarted' }))(answer, time)
          : answer(),
      ),
  },
  'asking again gives another token': {
    check: 'identity-again',
    plant: () =>
      planted('ses', 'VerifyDomainIdentityCommand', (answer, time) =>
        time === 4 ? Promise.resolve({ VerificationToken: 'A'.repeat(44) }) : answer(),
      ),
  },
  'a verified identity is Pending once it is asked for again': {
    check: 'identity-verified-again',
    plant: () =>
      planted('ses', 'GetIdentityVerificationAttributesCommand', (answer, time) =>
        time === 4
          ? attributes((of) => ({ ...of, VerificationStatus: 'Pending' }))(answer, time)
          : answer(),
      ),
  },
  'a list lacks a new identity': {
    check: 'identity-listed',
    plant: () =>
      planted(
        'ses',
        'ListIdentitiesCommand',
        changed((answer) => ({ ...answer, Identities: [] })),
      ),
  },
  'a MAIL FROM is not shown': {
    check: 'mail-from',
    plant: () =>
      planted('ses', 'GetIdentityMailFromDomainAttributesCommand', async () => ({
        MailFromDomainAttributes: {},
      })),
  },
  'deleting an identity twice is an error': {
    check: 'identity-deleted',
    plant: () =>
      planted('ses', 'DeleteIdentityCommand', (answer, time) =>
        time === 2 ? refused('InvalidParameterValue')(answer, time) : answer(),
      ),
  },
  'the account has no rate': {
    check: 'account',
    plant: () =>
      planted('sesV2', 'GetAccountCommand', async () => ({ SendQuota: { Max24HourSend: 200 } })),
  },
  'v2 does not know the identities of v1': {
    check: 'v1-identity-sends-by-v2',
    plant: () => byTime(1, refused('MessageRejected')),
  },
  'SES refuses our signature': {
    check: 'signed-once',
    plant: () => byTime(2, refused('BadRequestException')),
  },
  'SES takes two signatures': { check: 'signed-twice', plant: () => byTime(3, accepted) },
  'SES refuses 8-bit bodies': {
    check: 'eight-bit',
    plant: () => byTime(4, refused('BadRequestException')),
  },
  'SES sends for a domain that nobody verified': {
    check: 'unverified-from',
    plant: () => byTime(5, accepted),
  },
};

/** Has one of the sends answered in another way, in the order of the checks. */
const byTime = (wanted: number, alter: Alter): Lab =>
  planted('sesV2', 'SendEmailCommand', (answer, time) =>
    time === wanted ? alter(answer, time) : answer(),
  );

/** Has Route 53 say that it made changes which it must refuse. */
function byChange(
  isMeant: (
    set: { Name?: string | undefined; Type?: string | undefined },
    action: string,
    value: string,
  ) => boolean,
): Lab {
  const client = lab.route53 as { send: (command: object) => Promise<object> };
  return {
    ...lab,
    route53: {
      send: (async (command: { input: { ChangeBatch?: ChangeBatch } }) => {
        const [change] = command.input.ChangeBatch?.Changes ?? [];
        const { Action: action = '', ResourceRecordSet: set } = change ?? {};
        const value = set?.ResourceRecords?.[0]?.Value ?? '';
        return set && isMeant(set, action, value) ? { ChangeInfo: {} } : client.send(command);
      }) as never,
    },
  };
}

describe('npm run live-check', () => {
  test('finds that the stand-ins do what the service relies on, and leaves nothing behind', async () => {
    expect(wrong(await runChecks(liveChecks, lab))).toEqual([]);
    expect(await close()).toEqual([]);

    const { Identities: left } = await lab.ses.send(new ListIdentitiesCommand({}));
    expect(left).toEqual([DOMAIN]);
    const { HostedZones: [zone] = [] } = await lab.route53.send(new ListHostedZonesCommand({}));
    const { ResourceRecordSets: records = [] } = await lab.route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zone?.Id }),
    );
    expect(new Set(records.map(({ Type: type }) => type))).toEqual(new Set(['NS', 'SOA']));
    expect(records).toHaveLength(2);
  });

  test.each(Object.entries(deviations))(
    'says where %s, and nothing else',
    async (_, { check, plant }) => {
      // The others call nothing that it changes; the long form runs them all the same.
      const group = groups.find((checks) => check in checks)!;
      const found = wrong(await runChecks(isLong ? liveChecks : group, plant()));

      expect(found.map((result) => [result.check, result.outcome])).toEqual([[check, 'did-not']]);
      expect(found[0]!.bytes).not.toEqual([]);
    },
  );

  test('says what cannot be tried, and why', async () => {
    const results = await runChecks(liveChecks, {
      ...lab,
      domain: 'unverified.example',
      zone: 'other.example',
    });

    const untried = results.filter(({ outcome }) => outcome === 'could-not');
    expect(untried.map(({ check }) => check)).toEqual([
      'change-insync',
      'long-text',
      'cname-conflict',
      'delete-other-value',
      'identity-verified-again',
    ]);
  });

  test('says what it could not remove', async () => {
    lab.undo('a thing', async () => {
      throw new Error('it stays');
    });

    expect(await close()).toEqual(['a thing: Error: it stays']);
  });
});

test('every row of docs/live-account.md is tried, or has a reason why not', () => {
  const rows = readFileSync(join(import.meta.dirname, '../../docs/live-account.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!what \|)/.test(line))
    .map((line) => line.slice(2));
  const known = [
    ...Object.keys(byHand),
    ...Object.values(liveChecks).flatMap(({ row }) => row ?? []),
  ];

  expect(rows.filter((row) => !known.some((one) => row.startsWith(one)))).toEqual([]);
  expect(known.filter((one) => !rows.some((row) => row.startsWith(one)))).toEqual([]);
});
