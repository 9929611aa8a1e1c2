import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examine } from '../../cli/doctor.ts';
import { awsAccount } from '#shared/adapters/aws/account.ts';
import { accountChecks, examineAccount } from '#shared/app/doctor/account-checks.ts';
import type { Plan } from '#shared/app/doctor/plan.ts';
import type { Account } from '#shared/app/ports/account.ts';
import { startDynamoDb } from '../../local/aws/dynoxide.ts';
import type { Authorize, Gateway } from '../../local/aws/gateway.ts';
import { createKms, type Kms } from '../../local/aws/kms.ts';
import { createLambda } from '../../local/aws/lambda.ts';
import { createRoute53, type Route53 } from '../../local/aws/route53.ts';
import { createSes, type Ses } from '../../local/aws/ses.ts';
import { startDnsServer } from '../../local/dns/server.ts';
import { ACCOUNT, clientConfig, gatewayFor, REGION, remove } from '../local/aws/stand-ins.ts';

const ZONE = 'senders.acme.net';
const plan: Plan = {
  name: 'acme',
  region: REGION,
  zone: ZONE,
  zones: [ZONE, `s1.${ZONE}`],
  function: 'acme-signer',
  tables: { prefix: 'acme-', names: ['claims', 'messages'] },
  wrappingKeyAlias: 'alias/acme-wrapping',
  inbound: { identity: `reports.${ZONE}`, ruleSet: 'acme-inbound' },
  concurrency: 100,
  keptConcurrency: 0,
  identities: { quota: 10, alarmPercent: 80 },
};

let directory: string;
let ses: Ses;
let route53: Route53;
let kms: Kms;
let gateway: Gateway;
let functions: string[];
/** Names servers that DNS gives for the zone. */
let delegated: (account: Account) => Promise<readonly string[]>;
let authorize: Authorize;
const closing: (() => Promise<void> | void)[] = [];

/** An account that is out of the sandbox, with nothing in it. */
async function givenAccount({ concurrency = 1_000, zoneLimit = 500 } = {}): Promise<Account> {
  directory = mkdtempSync(join(tmpdir(), 'account-'));
  functions = [];
  authorize = () => ({ allowed: true });
  delegated = async () => [];
  ses = createSes({
    stateDir: directory,
    outbox: join(directory, 'outbox'),
    region: REGION,
    accountId: ACCOUNT,
    resolve: () => ({ rcode: 'NOERROR', authorities: [], answers: [] }),
    publish: async () => {},
    log: () => {},
    sendRate: 14,
  });
  route53 = createRoute53({ stateDir: directory, zoneLimit });
  kms = createKms({ stateDir: directory, region: REGION, accountId: ACCOUNT, keyPairsInStock: 0 });
  const dynamoDb = await startDynamoDb({
    stateDir: directory,
    region: REGION,
    accountId: ACCOUNT,
    log: () => {},
  });
  const lambda = createLambda({
    find: (name) => (functions.includes(name) ? { arn: `arn:${name}`, variables: {} } : undefined),
    concurrency,
  });
  gateway = await gatewayFor(
    {
      ses: ses.handle,
      route53: route53.handle,
      kms: kms.handle,
      dynamodb: dynamoDb.handle,
      lambda: lambda.handle,
    },
    { authorize: (...call) => authorize(...call) },
  );
  closing.push(
    () => gateway.close(),
    () => dynamoDb.close(),
    () => ses.close(),
    () => route53.close(),
    () => kms.close(),
  );
  const account = awsAccount(clientConfig(gateway), ['127.0.0.1']);
  // DNS is a test of its own.
  return { ...account, delegation: () => delegated(account) };
}

const givenTable = async (name: string): Promise<void> => {
  const client = new DynamoDBClient(clientConfig(gateway));
  await client.send(
    new CreateTableCommand({
      TableName: name,
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
};

const givenIdentity = (domain: string): Promise<unknown> =>
  ses.handle({
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from(`Action=VerifyDomainIdentity&Domain=${domain}`),
  });

const givenWrappingKey = (): void => {
  kms.putKey({
    keyId: '11111111-1111-1111-1111-111111111111',
    description: '',
    policy: {},
    aliases: ['alias/acme-wrapping'],
  });
};

/** The service is there, as the first deployment leaves it. */
const givenDeployed = (): void => {
  functions.push('acme-signer');
  for (const zone of plan.zones) route53.putHostedZone(zone);
  ses.putActiveRuleSet('acme-inbound');
  givenWrappingKey();
  delegated = async (account) => (await account.zones([ZONE]))[0]!.nameServers;
};

afterEach(async () => {
  for (const each of closing.splice(0)) await each();
  remove(directory);
});

describe('a clean account', () => {
  test('has nothing to do before the first deployment', async () => {
    expect(await examineAccount(await givenAccount(), plan)).toEqual([]);
  });

  test('has nothing to do after it, though all of it is there', async () => {
    const account = await givenAccount({ zoneLimit: 2 });
    givenDeployed();
    await givenTable('acme-claims');
    await givenIdentity(`reports.${ZONE}`);

    expect(await examineAccount(account, plan)).toEqual([]);
  });

  test('is not taken for one by what others have in it', async () => {
    const account = await givenAccount();
    await givenTable('acme');
    await givenTable('acme-claims-of-others');
    await givenTable('acmf-claims');
    route53.putHostedZone(`other.${ZONE}`);
    route53.putHostedZone('acme.net');

    expect(await examineAccount(account, plan)).toEqual([]);
  });
});

describe('a planted fault is named, with what to do, and nothing else is', () => {
  const faults: Record<keyof typeof accountChecks, () => Promise<Account>> = {
    'lambda-concurrency': () => givenAccount({ concurrency: 10 }),
    'kept-concurrency': () => givenAccount({ concurrency: 200 }),
    'ses-stopped': async () => {
      const account = await givenAccount();
      ses.putStopped(true);
      return account;
    },
    'ses-sandbox': async () => {
      const account = await givenAccount();
      ses.putSandbox(true);
      ses.putSendRate(1);
      return account;
    },
    'ses-rate': async () => {
      const account = await givenAccount();
      ses.putSendRate(1);
      return account;
    },
    'ses-identities': async () => {
      const account = await givenAccount();
      for (let index = 0; index < 8; index += 1) await givenIdentity(`d${index}.example`);
      return account;
    },
    'inbound-identity': async () => {
      const account = await givenAccount();
      await givenIdentity(`reports.${ZONE}`);
      return account;
    },
    'inbound-rule-set': async () => {
      const account = await givenAccount();
      ses.putActiveRuleSet('of-others');
      return account;
    },
    'zones-there': async () => {
      const account = await givenAccount();
      route53.putHostedZone(`s1.${ZONE}`);
      return account;
    },
    'zone-quota': () => givenAccount({ zoneLimit: 1 }),
    leftovers: async () => {
      const account = await givenAccount();
      await givenTable('acme-claims');
      return account;
    },
    'wrapping-key': async () => {
      const account = await givenAccount();
      givenWrappingKey();
      return account;
    },
    delegation: async () => {
      const account = await givenAccount();
      givenDeployed();
      delegated = async () => ['ns1.elsewhere.example'];
      return account;
    },
  };

  test.each(Object.entries(faults))('%s', async (check, givenFault) => {
    const kept = check === 'kept-concurrency' ? 150 : 0;
    const findings = await examineAccount(await givenFault(), { ...plan, keptConcurrency: kept });

    expect(findings.map((finding) => finding.check)).toEqual([check]);
    expect(findings[0]!.severity).not.toBe('unknown');
    expect(findings[0]!.says).toMatch(/\.$/);
    expect(findings[0]!.todo).toMatch(/\.$/);
  });

  test('what may not be read is a finding too, with the right that it needs', async () => {
    const account = await givenAccount();
    authorize = (_, { action }) =>
      action === 'lambda:GetAccountSettings'
        ? { allowed: false, reason: 'no policy allows it' }
        : { allowed: true };

    expect(await examineAccount(account, plan)).toMatchObject([
      {
        check: 'lambda-concurrency',
        severity: 'unknown',
        todo: 'Run it with credentials of the account that may call lambda:GetAccountSettings.',
      },
    ]);
  });
});

describe('the delegation of a zone', () => {
  test('is what DNS says, and empty where it is not delegated', async () => {
    await givenAccount();
    const { nameServers } = route53.putHostedZone(ZONE);
    const dns = await startDnsServer({ sources: [route53.zones], port: 0, log: () => {} });
    closing.unshift(() => dns.close());
    const account = awsAccount(clientConfig(gateway), [`127.0.0.1:${dns.port}`]);

    expect([...(await account.delegation(ZONE))].toSorted()).toEqual([...nameServers].toSorted());
    expect(await account.delegation('not-there.example')).toEqual([]);
  });
});

describe('npm run doctor', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    directory = folder;
  });
  const withConfig = (config: object): string => {
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify(config));
    return file;
  };
  const run = (config: object): { code: number; findings: { check: string }[] } => {
    const env = { ...process.env, SENDER_DOMAINS_CONFIG: withConfig(config) };
    try {
      const text = execFileSync(process.execPath, ['cli/doctor.ts', '--json'], {
        env,
        encoding: 'utf8',
      });
      return { code: 0, ...(JSON.parse(text) as { findings: [] }) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, ...(JSON.parse(stdout) as { findings: [] }) };
    }
  };

  test('finds nothing in a configuration that can be deployed', () => {
    expect(run({ zone: ZONE, alarms: { email: 'ops@acme.net' } })).toEqual({
      code: 0,
      findings: [],
    });
  });

  test('names each fault of a configuration', () => {
    const { code, findings } = run({
      name: 'aws',
      region: 'cn-north-1',
      shards: 0,
    });

    expect(code).toBe(1);
    expect(findings.map(({ check }) => check)).toEqual([
      'config:name',
      'config:region',
      'config:shards',
    ]);
  });

  test('names what is only a placeholder, and what does not fit', async () => {
    const long = 'x'.repeat(60);
    process.env['SENDER_DOMAINS_CONFIG'] = withConfig({
      outbound: {
        unsignedAllowed: Array.from({ length: 30 }, (_, index) => `${long}-${index}.${long}.com`),
      },
    });
    try {
      const findings = await examine();

      expect(findings.map(({ check }) => check)).toEqual([
        'config:zone',
        'config:alarms.email',
        'config:outbound.unsignedAllowed',
      ]);
    } finally {
      delete process.env['SENDER_DOMAINS_CONFIG'];
    }
  });
});
