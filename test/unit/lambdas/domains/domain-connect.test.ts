import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RecordCheck } from '#shared/core/records/check.ts';
import { newMemory } from '#shared/core/model/check.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { noKeys } from '#shared/core/model/key-ring.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { publicKeyRecords } from '#shared/core/domain-connect/public-key.ts';
import { keyName } from '#shared/core/domain-connect/service.ts';
import { domainConnectTemplate } from '#shared/core/domain-connect/template.ts';
import { publicRequest, type PublicRequestOptions } from '#shared/adapters/https/public-request.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import { hostedSpfName } from '#shared/core/records/kinds/spf/hosted.ts';
import type { DomainPorts } from '../../../../lambdas/domains/ports.ts';
import { domainConnect } from '../../../../lambdas/domains/domain-connect.ts';
import { deployment, givenClaim, givenTenant } from '../../../fakes/given-claim.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import {
  applyTemplate,
  verifyRequest,
  type OnboardedTemplate,
  type ZoneRecord,
} from '../../../support/dns-provider.ts';
import { service } from '../../core/domain-connect/service.ts';
import { givenResult } from '../../../fakes/given-result.ts';
import { givenTestEnvironment } from './test-environment.ts';

const tls = (file: string) =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/tls', file), 'utf8');
const ca = tls('hooks.test.pem');
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const published = (key = publicKey) =>
  publicKeyRecords(key.export({ type: 'spki', format: 'der' })).map((value): DnsRecord => ({
    name: keyName(deployment.zone),
    type: 'TXT',
    value,
  }));
const onboarded = JSON.parse(
  JSON.stringify(domainConnectTemplate(deployment, service, 1)),
) as OnboardedTemplate;

const settings = {
  providerId: 'provider.example',
  providerName: 'Provider',
  providerDisplayName: 'Provider & Sons',
  urlSyncUX: 'https://hooks.test/sync/',
  urlAPI: 'https://hooks.test/api',
};
const settingsPath = '/dc/v2/example.com/settings';
const templatePath = '/api/v2/domainTemplates/providers/example.net/services/sender-domains';

type Answers = Record<string, (response: ServerResponse, request: IncomingMessage) => void>;
const asked: string[] = [];
let answers: Answers;
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer({ key: tls('hooks.test.key.pem'), cert: ca }, (request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end();
    else answer(response, request);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const answering =
  (body: unknown, status = 200): Answers[string] =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const domain = 'example.com' as DomainName;
const discovery = (value: string): DnsRecord => ({
  name: '_domainconnect.example.com',
  type: 'TXT',
  value,
});
const token = 'dG9rZW4=';

let testEnvironment: ReturnType<typeof givenTestEnvironment>;
let claim: Claim;
let problems: string[];
beforeEach(async () => {
  asked.length = 0;
  problems = [];
  answers = { [settingsPath]: answering(settings), [templatePath]: answering('') };
  testEnvironment = givenTestEnvironment();
  testEnvironment.dns.zone(deployment.zone, published());
  testEnvironment.dns.zone('example.com', [discovery('hooks.test/dc')]);
  testEnvironment.dns.zone('hooks.test', [{ name: 'hooks.test', type: 'A', value: '127.0.0.1' }]);
  claim = await given(domain);
});

/** Claims a domain, and checks it: SES's value is known, and nothing is in DNS yet. */
async function given(name: DomainName, tenant = testEnvironment.tenant): Promise<Claim> {
  expect((await testEnvironment.claim(name, { as: tenant })).status).toBe(201);
  const made = (await testEnvironment.claims.get({ tenant, domain: name }))!;
  await testEnvironment.identities.putView({
    label: made.label,
    status: 'preparing',
    token,
    polledAt: testEnvironment.now(),
  });
  await seen(made);
  return made;
}

/** Notes what a check saw: every record missing, but for these. */
async function seen(made: Claim, but: Record<string, Partial<RecordCheck>> = {}): Promise<void> {
  const records = customerRecords(made, { token }, deployment).map(({ id }): RecordCheck => ({
    id,
    status: 'missing',
    code: 'missing',
    observed: [],
    ...but[id],
  }));
  await givenResult(testEnvironment.checks, {
    ...made,
    dueAt: testEnvironment.now(),
    memory: newMemory,
    result: { checkedAt: testEnvironment.now(), records },
  });
}

const ask = (made = claim, options: Partial<PublicRequestOptions> = {}, asked = {}) =>
  domainConnect(made, portsWith(options), asked);

const portsWith = (options: Partial<PublicRequestOptions>): DomainPorts => ({
  ...testEnvironment.ports,
  domainConnect: {
    service,
    signer: { sign: async (text) => sign('sha256', Buffer.from(text), privateKey) },
    request: publicRequest(async (host) => (await testEnvironment.dns.lookup(host, 'A')).values, {
      port,
      ca,
      timeoutMs: 60_000,
      isAllowed: (address) => address === '127.0.0.1',
      ...options,
    }),
    log: (problem) => problems.push(problem),
  },
});

/** The zone after a provider has verified the link by DNS and done as it says. */
async function followed(applyUrl: string | null, zone: readonly ZoneRecord[] = []) {
  const query = applyUrl!.slice(applyUrl!.indexOf('?') + 1);
  await verifyRequest(
    query,
    onboarded,
    async (name) => (await testEnvironment.dns.lookup(name, 'TXT')).values,
  );
  return applyTemplate(onboarded, new URLSearchParams(query), zone);
}

const parametersOf = async () => new URL((await ask()).applyUrl!).searchParams;

const sorted = (records: readonly ZoneRecord[]) =>
  records.map((each) => JSON.stringify(each)).sort();
const wanted = (made: Claim): ZoneRecord[] =>
  customerRecords(made, { token }, deployment).map(({ name, type, value = '' }) => ({
    name,
    type,
    value,
  }));

describe('where the provider knows the service', () => {
  test('the link has the provider create just the records that the customer is asked for', async () => {
    const answer = await ask();
    expect(answer).toMatchObject({
      supported: true,
      provider: 'Provider & Sons',
      records: wanted(claim).map(() => expect.any(String) as string),
      reason: null,
    });
    expect(answer.applyUrl).toMatch(
      /^https:\/\/hooks\.test\/sync\/v2\/domainTemplates\/providers\/example\.net\/services\/sender-domains\/apply\?/,
    );
    expect(sorted(await followed(answer.applyUrl))).toEqual(sorted(wanted(claim)));
    expect(problems).toEqual([]);
  });

  test('the customer comes back to the domain in the dashboard, with a state that no other link has', async () => {
    const [one, other] = [await parametersOf(), await parametersOf()];
    expect(one.get('redirect_uri')).toBe('https://app.example.net/domains/example.com/set-up');
    // Who has no account is not sent to it.
    const { applyUrl } = await ask(claim, {}, { returns: false });
    expect(new URL(applyUrl!).searchParams.has('redirect_uri')).toBe(false);
    await followed(applyUrl);
    expect(one.get('state')).toMatch(/^[a-z2-7]{26}$/);
    expect(one.get('state')).not.toBe(other.get('state'));
  });

  test('a domain within a zone is named by zone and host', async () => {
    const below = await given('mail.example.com' as DomainName);
    answers[settingsPath] = answering(settings);
    const { applyUrl } = await ask(below);
    const parameters = new URL(applyUrl!).searchParams;
    expect([parameters.get('domain'), parameters.get('host')]).toEqual(['example.com', 'mail']);
    expect(sorted(await followed(applyUrl))).toEqual(sorted(wanted(below)));
  });

  test.each([
    [
      'its own DMARC record serves',
      { dmarc: { status: 'ok-external', code: 'dmarc-own-record' } },
      'dmarc',
    ],
    [
      'whether it has a DMARC record is not known',
      { dmarc: { status: 'unknown', code: 'no-answer' } },
      'dmarc',
    ],
    [
      'whether it has an SPF record is not known',
      { spf: { status: 'unknown', code: 'no-answer' } },
      'spf',
    ],
    [
      'its SPF record has no room',
      {
        spf: {
          status: 'wrong',
          code: 'spf-no-include',
          spf: { root: { domain, terms: [] }, lookups: 11, voidLookups: 0 },
        },
      },
      'spf',
    ],
    ['it has several SPF records', { spf: { status: 'wrong', code: 'spf-several' } }, 'spf'],
  ] as const)('where %s, that record is left to the customer', async (_, but, id) => {
    await seen(claim, but);
    const { applyUrl, records } = await ask();
    const all = customerRecords(claim, { token }, deployment);
    expect(records).toEqual(all.map((record) => record.id).filter((each) => each !== id));
    const expected = wanted(claim).filter((_, index) => all[index]!.id !== id);
    expect(sorted(await followed(applyUrl))).toEqual(sorted(expected));
  });

  test('what is right already is not written, and where nothing remains there is no link', async () => {
    const right = { status: 'ok', code: undefined } as unknown as Partial<RecordCheck>;
    await seen(claim, { 'ses-identity': right, spf: right, 'mail-from-mx': right });
    const { records } = await ask();
    expect(records).toEqual(['dkim-zero', 'dkim-one', 'dkim-two', 'mail-from-spf', 'dmarc']);
    const all = customerRecords(claim, { token }, deployment).map(({ id }) => [id, right]);
    await seen(claim, Object.fromEntries(all) as Record<string, Partial<RecordCheck>>);
    expect(await ask()).toMatchObject({ supported: false, reason: 'complete', applyUrl: null });
  });

  test('of a parked domain only the DMARC record is written', async () => {
    const parked = {
      ...claim,
      version: claim.version + 1,
      purpose: 'parked',
      keys: noKeys,
    } as const;
    await testEnvironment.claims.update(claim, parked);
    await seen(parked);
    const { records, applyUrl } = await ask(parked);
    expect(records).toEqual(['dmarc']);
    expect(await followed(applyUrl)).toEqual(
      wanted(parked).filter(({ name }) => name === '_dmarc.example.com'),
    );
  });

  test('SPF at a name that is a CNAME is not written, which would delete the CNAME', async () => {
    const below = await given('www.example.com' as DomainName);
    answers['/dc/v2/example.com/settings'] = answering(settings);
    testEnvironment.dns.zone('example.com', [
      discovery('hooks.test/dc'),
      { name: 'www.example.com', type: 'CNAME', value: 'pages.test' },
    ]);
    const { records, supported } = await ask(below);
    expect(supported).toBe(true);
    expect(records).not.toContain('spf');
    expect(records).toContain('dkim-zero');
  });

  test('an SPF record of the customer’s own is to be added to', async () => {
    const own = { name: 'example.com', type: 'TXT' as const, value: 'v=spf1 ip4:192.0.2.1 -all' };
    await seen(claim, { spf: { status: 'wrong', code: 'spf-no-include', observed: [own.value] } });
    testEnvironment.dns.zone('example.com', [discovery('hooks.test/dc'), own]);
    const after = await followed((await ask()).applyUrl, [own]);
    expect(after.filter(({ name }) => name === 'example.com')).toEqual([
      { ...own, value: `v=spf1 ip4:192.0.2.1 include:${hostedSpfName(claim)} ~all` },
    ]);
  });

  test('of several discovery records the first that leads to settings counts, and only two are tried', async () => {
    const records = ['https://hooks.test', 'hooks.test/none', 'hooks.test/dc', 'hooks.test/more'];
    testEnvironment.dns.zone('example.com', records.map(discovery));
    expect((await ask()).supported).toBe(true);
    expect(asked).toEqual(['/none/v2/example.com/settings', settingsPath, templatePath]);
    asked.length = 0;
    testEnvironment.dns.zone(
      'example.com',
      ['a', 'b', 'dc'].map((path) => discovery(`hooks.test/${path}`)),
    );
    expect(await ask()).toMatchObject({ supported: false, reason: 'provider-failed' });
    expect(asked).toEqual(['/a/v2/example.com/settings', '/b/v2/example.com/settings']);
  });
});

describe('there is no link', () => {
  test('where the operator has not set Domain Connect up', async () => {
    const { status, body } = await testEnvironment.ask(
      'GET',
      '/v1/domains/example.com/domain-connect',
    );
    expect([status, body]).toEqual([
      200,
      {
        supported: false,
        provider: null,
        applyUrl: null,
        records: [],
        reason: 'not-offered',
        detail: 'This service does not offer Domain Connect.',
      },
    ]);
  });

  test('for a domain that is not the tenant’s own', async () => {
    const { status } = await testEnvironment.ask('GET', '/v1/domains/example.com/domain-connect', {
      as: givenTenant(),
    });
    expect(status).toBe(404);
  });

  test('for a domain that is being deleted', async () => {
    await testEnvironment.ask('DELETE', '/v1/domains/example.com');
    const gone = (await testEnvironment.claims.get({ tenant: testEnvironment.tenant, domain }))!;
    await expect(ask(gone)).rejects.toThrow(Refusal);
  });

  test('for a domain whose keys the customer publishes themselves', async () => {
    expect(await ask({ ...claim, hosting: 'self' })).toMatchObject({ reason: 'self-hosted' });
    expect(asked).toEqual([]);
  });

  test('before the domain has been checked, and before SES has given its value', async () => {
    testEnvironment.checks.items.clear();
    expect((await ask()).reason).toBe('preparing');
    await seen(claim);
    await testEnvironment.identities.deleteView(claim.label);
    expect((await ask()).reason).toBe('preparing');
    expect(asked).toEqual([]);
  });

  test.each([
    ['there is no record', []],
    ['the record has a scheme', [discovery('https://hooks.test/dc')]],
    ['the record has a query', [discovery('hooks.test/dc?a=b')]],
    ['the record has a port', [discovery('hooks.test:8443/dc')]],
    ['the record is something else', [discovery('v=spf1 -all')]],
  ])('where %s', async (_, records) => {
    testEnvironment.dns.zone('example.com', records);
    expect(await ask()).toMatchObject({ supported: false, reason: 'no-provider', provider: null });
    expect(asked).toEqual([]);
  });

  test('where DNS does not show the zone', async () => {
    testEnvironment.dns.delegation = async () => ({ state: 'unknown', nameServers: [] });
    expect((await ask()).reason).toBe('no-provider');
  });

  test.each<[string, () => void, string]>([
    ['does not know the template', () => delete answers[templatePath], 'no-template'],
    [
      'has no synchronous flow',
      () => (answers[settingsPath] = answering({ ...settings, urlSyncUX: null })),
      'no-template',
    ],
    [
      'gives no answer about the template',
      () => (answers[templatePath] = answering('', 500)),
      'provider-failed',
    ],
  ])('where the provider %s', async (_, change, reason) => {
    change();
    expect(await ask()).toMatchObject({
      supported: false,
      reason,
      provider: 'Provider & Sons',
      applyUrl: null,
    });
  });
});

describe('a hostile provider', () => {
  const hostile: [string, Answers[string]][] = [
    [
      'redirects to a private address',
      (response) => response.writeHead(302, { location: 'https://169.254.169.254/' }).end(),
    ],
    [
      'never ends its answer',
      (response) => {
        response.writeHead(200);
        const more = (): void => {
          if (!response.destroyed) response.write(' '.repeat(65_536), more);
        };
        more();
      },
    ],
    ['never answers', () => {}],
    ['answers drop by drop', (response) => void response.writeHead(200).write('{')],
    ['breaks off', (response) => response.writeHead(200).write('{', () => response.destroy())],
    ['answers with no JSON', answering('<html>')],
    ['answers with other JSON', answering([1, 2])],
    ['answers with null', answering('null')],
    ['has no name', answering({ ...settings, providerName: '' })],
    ['has an endless name', answering({ ...settings, providerName: 'x'.repeat(256) })],
    ['leads to http', answering({ ...settings, urlAPI: 'http://hooks.test/api' })],
    ['leads to a port', answering({ ...settings, urlAPI: 'https://hooks.test:22/api' })],
    ['leads with a password', answering({ ...settings, urlAPI: 'https://a:b@hooks.test' })],
    ['leads customers to a script', answering({ ...settings, urlSyncUX: 'javascript:alert(1)' })],
    ['leads customers to a query', answering({ ...settings, urlSyncUX: 'https://hooks.test/?a=' })],
    ['demands what is not known', answering({ ...settings, 'vnd.x': 1, crit: ['vnd.x'] })],
  ];
  test.each(hostile)('that %s gives no link, and is asked no more', async (_, answer) => {
    answers[settingsPath] = answer;
    expect(await ask(claim, { timeoutMs: 1_500 })).toMatchObject({
      supported: false,
      reason: 'provider-failed',
      applyUrl: null,
    });
    expect(asked).toEqual([settingsPath]);
  });

  test.each([['127.0.0.1'], ['10.1.2.3'], ['169.254.169.254'], ['100.64.0.1']])(
    'at the address %s is not asked at all',
    async (address) => {
      testEnvironment.dns.zone('hooks.test', [{ name: 'hooks.test', type: 'A', value: address }]);
      const { isAllowed: _, ...open } = { isAllowed: undefined };
      const guarded = publicRequest(
        async (host) => (await testEnvironment.dns.lookup(host, 'A')).values,
        {
          port,
          ca,
          ...open,
        },
      );
      const answer = await domainConnect(claim, {
        ...testEnvironment.ports,
        domainConnect: { service, signer: never, request: guarded, log: () => {} },
      });
      expect(answer).toMatchObject({ supported: false, reason: 'provider-failed' });
      expect(answer.detail).toContain('not on the public internet');
      expect(asked).toEqual([]);
    },
  );

  test('whose API is at a private address is asked for nothing there', async () => {
    answers[settingsPath] = answering({ ...settings, urlAPI: 'https://inside.test' });
    testEnvironment.dns.zone('inside.test', [
      { name: 'inside.test', type: 'A', value: '10.0.0.1' },
    ]);
    expect(await ask()).toMatchObject({
      reason: 'provider-failed',
      detail: expect.stringContaining('inside.test leads to an address that is not on the public'),
    });
    expect(asked).toEqual([settingsPath]);
  });
});

const never = {
  sign: async (): Promise<Uint8Array> => {
    throw new Error('nothing is to be signed');
  },
};

const hasCnameTarget = (target: string): DnsRecord[] => [
  discovery('hooks.test/dc'),
  { name: 'one._domainkey.example.com', type: 'CNAME', value: target },
];

describe('a link that would move a domain between accounts is not made', () => {
  test('where a DKIM record points at another tenant’s claim', async () => {
    const theirs = await given(domain, givenTenant());
    testEnvironment.dns.zone(
      'example.com',
      hasCnameTarget(hostedKeyName(theirs, deployment.selectors[1])),
    );
    expect(await ask()).toMatchObject({ supported: false, reason: 'other-account' });
  });

  test('where it points at a label without a claim: the answer is the same', async () => {
    const nobody = givenClaim();
    testEnvironment.dns.zone(
      'example.com',
      hasCnameTarget(hostedKeyName(nobody, deployment.selectors[1])),
    );
    expect(await ask()).toMatchObject({ supported: false, reason: 'other-account' });
  });

  test('but it is where the records point at this claim, or at another provider', async () => {
    for (const target of [hostedKeyName(claim, deployment.selectors[1]), 'one.mail-host.example']) {
      testEnvironment.dns.zone('example.com', hasCnameTarget(target));
      expect((await ask()).supported).toBe(true);
    }
  });

  test('but it is where the records point at a claim that the tenant had of the domain before', async () => {
    const before = givenClaim({
      tenant: testEnvironment.tenant,
      domain: 'old.example.com' as DomainName,
    });
    await testEnvironment.claims.create(before, { pendingPerTenant: 50, claimsPerShard: 1_000 });
    testEnvironment.dns.zone(
      'example.com',
      hasCnameTarget(hostedKeyName(before, deployment.selectors[1])),
    );
    expect((await ask()).supported).toBe(true);
  });
});

describe('a link that no provider would take is not given out, and the operator is notified', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  test.each([
    ['no key is published', [], 'has no public key in DNS'],
    ['another key is published', published(other), 'has another public key'],
  ])('where %s', async (_, records, says) => {
    testEnvironment.dns.zone(deployment.zone, records);
    expect(await ask()).toMatchObject({ supported: false, reason: 'not-offered', applyUrl: null });
    expect(problems).toEqual([expect.stringContaining(says)]);
  });
});

test('a provider that takes its time ends the wait', async () => {
  answers[settingsPath] = () => {};
  const slow = domainConnect(
    claim,
    {
      ...testEnvironment.ports,
      domainConnect: {
        service,
        signer: never,
        request: () => new Promise<never>(() => {}),
        log: () => {},
      },
    },
    { timeoutMs: 20 },
  );
  expect(await slow).toMatchObject({ supported: false, reason: 'provider-failed' });
});
