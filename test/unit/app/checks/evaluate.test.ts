import { describe, expect, test } from 'vitest';
import { evaluate } from '#shared/app/checks/evaluate/evaluate.ts';
import { queryRecords } from '#shared/app/checks/query-records.ts';
import type { RecordStatus } from '#shared/core/model/check.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import {
  copied,
  DOMAIN,
  newClaim,
  replaced,
  without,
  TestEnvironment,
} from './test-environment.ts';

const testEnvironment = new TestEnvironment();
const claim = await testEnvironment.claim();
const other = newClaim();
testEnvironment.host(other);
const right = copied(claim);
const value = (id: string): string =>
  customerRecords(claim, { token: 'sestoken' }, deployment).find((record) => record.id === id)!
    .value!;

/** Evaluates every record against servers that each have these records. */
async function checked(
  servers: readonly (readonly DnsRecord[])[],
  { identity = true } = {},
): Promise<Map<string, RecordCheck>> {
  testEnvironment.dns.zone(DOMAIN, ...servers);
  const token = identity ? { token: 'sestoken' } : undefined;
  const { observations, setting } = await queryRecords(claim, token, testEnvironment.ports);
  const checks = evaluate(customerRecords(claim, token, deployment), observations, setting);
  return new Map(checks.map((check) => [check.id, check]));
}

const statuses = (checks: Map<string, RecordCheck>): Record<string, RecordStatus> =>
  Object.fromEntries([...checks].map(([id, { status }]) => [id, status]));

const txt = (name: string, text: string): DnsRecord => ({ name, type: 'TXT', value: text });
const cname = (name: string, target: string): DnsRecord => ({ name, type: 'CNAME', value: target });
const mx = (name: string, text: string): DnsRecord => ({ name, type: 'MX', value: text });

test('what was copied as given is right, and has no hint', async () => {
  const checks = await checked([right, right]);
  expect(statuses(checks)).toEqual({
    'dkim-zero': 'ok',
    'dkim-one': 'ok',
    'dkim-two': 'ok',
    'ses-identity': 'ok',
    'mail-from-mx': 'ok',
    'mail-from-spf': 'ok',
    dmarc: 'ok',
    spf: 'ok',
  });
  expect([...checks.values()].flatMap(({ hint }) => hint ?? [])).toEqual([]);
  expect(checks.get('dkim-zero')?.observed).toEqual([value('dkim-zero')]);
});

test('with nothing there, everything is missing, and each hint has what to create', async () => {
  const checks = await checked([[]]);
  for (const [id, check] of checks) {
    expect(check.status).toBe('missing');
    expect(check.hint).toContain(value(id));
  }
});

test('what is not known yet is not missing', async () => {
  const checks = await checked([right], { identity: false });
  expect(statuses(checks)['ses-identity']).toBe('preparing');
});

const slot = `zero._domainkey.${DOMAIN}`;
const bounces = `bounces.${DOMAIN}`;
const ownSpf = `v=spf1 ip4:192.0.2.1 ~all`;
const include = value('spf').split(' ')[1]!;

describe.each<[string, string, DnsRecord[], RecordStatus, RegExp]>([
  [
    'a slot that points elsewhere',
    'dkim-zero',
    [cname(slot, 'key.provider.example')],
    'wrong',
    /points elsewhere, to key\.provider\.example/,
  ],
  [
    'a slot that points at another claim',
    'dkim-zero',
    [cname(slot, `zero._domainkey.${other.label}.${other.shard}`)],
    'wrong',
    /another claim/,
  ],
  [
    'a slot that points at the key of another slot',
    'dkim-zero',
    [cname(slot, value('dkim-one'))],
    'wrong',
    /another of your records/,
  ],
  [
    'a target with the domain appended',
    'dkim-zero',
    [cname(slot, `${value('dkim-zero')}.${DOMAIN}`)],
    'wrong',
    /appended to it/,
  ],
  [
    'a key of somebody else instead of the CNAME',
    'dkim-zero',
    [txt(slot, 'v=DKIM1; k=rsa; p=abc')],
    'wrong',
    /a key at .* that is not ours/,
  ],
  [
    'an SES value of another account',
    'ses-identity',
    [txt(`_amazonses.${DOMAIN}`, 'other')],
    'wrong',
    /another value/,
  ],
  [
    'an MX of another preference',
    'mail-from-mx',
    [mx(bounces, value('mail-from-mx').replace('10', '20'))],
    'wrong',
    /preference .* to 10/,
  ],
  [
    'an MX of another host',
    'mail-from-mx',
    [mx(bounces, '10 mail.example.com')],
    'wrong',
    /names another host/,
  ],
  [
    'an MX with the domain appended',
    'mail-from-mx',
    [mx(bounces, `${value('mail-from-mx')}.${DOMAIN}`)],
    'wrong',
    /appended to it/,
  ],
  [
    'a second MX',
    'mail-from-mx',
    [mx(bounces, value('mail-from-mx')), mx(bounces, '20 mail.example.com')],
    'wrong',
    /2 MX records/,
  ],
  ['SPF without our include', 'spf', [txt(DOMAIN, ownSpf)], 'wrong', /lacks our servers/],
  [
    'two SPF records',
    'spf',
    [txt(DOMAIN, ownSpf), txt(DOMAIN, value('spf'))],
    'wrong',
    /2 SPF records/,
  ],
  ['our include after all', 'spf', [txt(DOMAIN, `v=spf1 ~all ${include}`)], 'wrong', /after "all"/],
  [
    'our include as a failure',
    'spf',
    [txt(DOMAIN, `v=spf1 -${include} ~all`)],
    'wrong',
    /Remove the "-"/,
  ],
  [
    'no SPF among other texts',
    'spf',
    [txt(DOMAIN, 'site-verification=1')],
    'missing',
    /no SPF record/,
  ],
  [
    'MAIL FROM with the include of the apex',
    'mail-from-spf',
    [txt(bounces, value('spf'))],
    'wrong',
    /lacks our servers/,
  ],
  [
    'DMARC that is none',
    'dmarc',
    [txt(`_dmarc.${DOMAIN}`, 'hello')],
    'wrong',
    /is no DMARC record/,
  ],
  [
    'DMARC with a policy that is none',
    'dmarc',
    [txt(`_dmarc.${DOMAIN}`, 'v=DMARC1; p=block')],
    'wrong',
    /"p=block" .* is no policy: .* none of the record/,
  ],
  ...(
    [
      ['v=DMARC1; p=reject rua=mailto:a@example.com', /lacks a semicolon before "rua="/],
      ['v=DMARC1; p=none, rua=mailto:a@example.com', /a comma where a semicolon belongs/],
      ['v=DMARC1; p=reject; sp=all', /"sp=all" .* is no policy/],
      ['v=dmarc1; p=none', /"DMARC1" not in capitals.*Change it to: v=DMARC1; p=none/],
      ['v=DMARC1\\; p=none', /it has a backslash/],
      ['v=DMARC1, p=none', /a comma where a semicolon belongs/],
      ['v=DMARC1 p=none', /no semicolon after "v=DMARC1"/],
      ['v=DMARC1; p=reject rua=mailto:a@example.com', /with p=none, since receivers apply nothing/],
    ] as readonly (readonly [string, RegExp])[]
  ).map(([text, hint]): [string, string, DnsRecord[], RecordStatus, RegExp] => [
    `${text}, ${hint.source}`,
    'dmarc',
    [txt(`_dmarc.${DOMAIN}`, text)],
    'wrong',
    hint,
  ]),
  ...(
    [
      ['v=spf1, ip4:192.0.2.1, ~all', /commas or semicolons.*Change it to: v=spf1 ip4:192/],
      ['v=spf1\u00a0ip4:192.0.2.1 ~all', /a no-break space .*<U\+00A0>/],
      ['v=spf1 ip4:2001:db8::1 ~all', /Change it to: v=spf1 ip6:2001:db8::1/],
      ['v=spf1 include=a.test ~all', /"=" where a colon belongs/],
      [`v=spf1 include:${DOMAIN} ~all`, /itself: a loop/],
    ] as readonly (readonly [string, RegExp])[]
  ).map(([text, hint]): [string, string, DnsRecord[], RecordStatus, RegExp] => [
    text,
    'spf',
    [txt(DOMAIN, text)],
    'wrong',
    hint,
  ]),
  [
    'two DMARC records',
    'dmarc',
    [txt(`_dmarc.${DOMAIN}`, 'v=DMARC1; p=none'), txt(`_dmarc.${DOMAIN}`, 'v=DMARC1; p=reject')],
    'wrong',
    /2 DMARC records/,
  ],
  [
    'DMARC of another claim',
    'dmarc',
    [cname(`_dmarc.${DOMAIN}`, `_dmarc.${other.label}.${other.shard}`)],
    'wrong',
    /another claim/,
  ],
  [
    'DMARC that leads nowhere',
    'dmarc',
    [cname(`_dmarc.${DOMAIN}`, 'nowhere.example')],
    'wrong',
    /points to nowhere\.example, where there is no DMARC/,
  ],
])('%s', (_what, id, records, status, hint) => {
  test(`is ${status}, with a hint that says so`, async () => {
    const checks = await checked([replaced(right, ...records)]);
    expect(checks.get(id)).toMatchObject({ status, hint: expect.stringMatching(hint) });
    expect(checks.get(id)!.observed.length).toBe(status === 'missing' ? 0 : records.length);
  });

  test('leaves the verdicts on the other names alone', async () => {
    const checks = await checked([replaced(right, ...records)]);
    const names = new Set(records.map(({ name }) => name));
    const others = customerRecords(claim, { token: 'sestoken' }, deployment).filter(
      ({ name }) => !names.has(name),
    );
    expect(others.map((record) => checks.get(record.id)?.status)).toEqual(others.map(() => 'ok'));
  });
});

describe('right in the customer’s own way', () => {
  test.each([
    [
      'our include merged into what was there',
      [txt(DOMAIN, `v=spf1 ip4:192.0.2.1 ${include} -all`)],
      'spf',
      'ok',
    ],
    [
      'an explicit plus, capitals and a final dot',
      [txt(DOMAIN, `V=SPF1 +${include.toUpperCase().replace('INCLUDE', 'include')}. -all`)],
      'spf',
      'ok',
    ],
    [
      'other texts beside SPF',
      [txt(DOMAIN, 'site-verification=1'), txt(DOMAIN, value('spf'))],
      'spf',
      'ok',
    ],
    [
      'other texts beside the SES value',
      [txt(`_amazonses.${DOMAIN}`, 'other'), txt(`_amazonses.${DOMAIN}`, 'sestoken')],
      'ses-identity',
      'ok',
    ],
    [
      'a valid DMARC record',
      [txt(`_dmarc.${DOMAIN}`, 'v=DMARC1; p=reject; rua=mailto:a@example.com')],
      'dmarc',
      'ok-external',
    ],
    [
      'a DMARC record without a policy, which is p=none (RFC 9989)',
      [txt(`_dmarc.${DOMAIN}`, 'v=DMARC1; rua=mailto:a@example.com')],
      'dmarc',
      'ok-external',
    ],
    [
      'a valid DMARC record beside other texts',
      [txt(`_dmarc.${DOMAIN}`, 'v=DMARC1;p=none'), txt(`_dmarc.${DOMAIN}`, 'hello')],
      'dmarc',
      'ok-external',
    ],
  ] as [string, DnsRecord[], string, RecordStatus][])('%s', async (_what, records, id, status) => {
    const check = (await checked([replaced(right, ...records)])).get(id);
    expect(check?.status).toBe(status);
    expect(check?.hint).toEqual(
      status === 'ok' ? undefined : expect.stringMatching(/your own DMARC record/),
    );
  });

  test('a DMARC record at another provider', async () => {
    testEnvironment.dns.zone('provider.example', [
      txt('d.provider.example', 'v=DMARC1; p=quarantine'),
    ]);
    const own = replaced(right, cname(`_dmarc.${DOMAIN}`, 'd.provider.example'));
    expect((await checked([own])).get('dmarc')).toMatchObject({ status: 'ok-external' });
    testEnvironment.dns.silence('provider.example');
    expect((await checked([own])).get('dmarc')).toMatchObject({ status: 'unknown' });
    testEnvironment.dns.silence('provider.example', false);
  });

  test('an SES value behind a CNAME', async () => {
    testEnvironment.dns.zone('provider.example', [txt('s.provider.example', 'sestoken')]);
    const own = replaced(right, cname(`_amazonses.${DOMAIN}`, 's.provider.example'));
    expect((await checked([own])).get('ses-identity')?.status).toBe('ok');
  });
});

test.each(
  customerRecords(claim, { token: 'sestoken' }, deployment).map(({ id, name, type }) => ({
    id,
    name,
    type,
  })),
)('$id at its name with the domain appended is found there', async ({ id, name, type }) => {
  const moved = right.map((record) =>
    record.name === name && record.type === type
      ? { ...record, name: `${name}.${DOMAIN}` }
      : record,
  );
  const check = (await checked([moved])).get(id);
  expect(check).toMatchObject({
    status: 'missing',
    observed: [value(id)],
    hint: expect.stringContaining(`at ${name}.${DOMAIN}`),
  });
});

test('what a wildcard says at the doubled name is not taken for the record', async () => {
  const records = [...without(right, slot), txt(`*.com.${DOMAIN}`, 'everywhere')];
  expect((await checked([records])).get('dkim-zero')?.hint).toMatch(/There is no record at/);
});

describe('servers that do not agree', () => {
  test('make a record wrong as one of them has it, and say how many', async () => {
    const checks = await checked([right, without(right, slot), right]);
    expect(checks.get('dkim-zero')).toMatchObject({
      status: 'missing',
      observed: [value('dkim-zero')],
      hint: expect.stringMatching(/^1 of the 3 name servers of example\.com/),
    });
    expect(checks.get('dkim-one')?.status).toBe('ok');
  });
});

describe('a domain whose servers do not answer', () => {
  test('is not known, from any status', async () => {
    testEnvironment.dns.silence(DOMAIN);
    const checks = await checked([right]);
    expect(new Set([...checks.values()].map(({ status }) => status))).toEqual(new Set(['unknown']));
    expect(checks.get('spf')?.hint).toMatch(/did not answer/);
    testEnvironment.dns.silence(DOMAIN, false);
  });

  test('is reported as far as the resolvers reach', async () => {
    testEnvironment.dns.shield(DOMAIN);
    expect(new Set(Object.values(statuses(await checked([right]))))).toEqual(new Set(['ok']));
    testEnvironment.dns.shield(DOMAIN, false);
  });
});

test('never asks a resolver for a name that the domain’s own servers do not have', async () => {
  testEnvironment.dns.asked.splice(0);
  await checked([[]]);
  expect(testEnvironment.dns.asked.filter((asked) => asked.startsWith('lookup'))).toEqual([]);
});

test('shows at most 10 values, each of bounded length', async () => {
  const many = Array.from({ length: 20 }, (_, i) =>
    txt(`_amazonses.${DOMAIN}`, `${i} ${'x'.repeat(3000)}`),
  );
  const observed = (await checked([replaced(right, ...many)])).get('ses-identity')!.observed;
  expect(observed).toHaveLength(10);
  expect(Math.max(...observed.map(({ length }) => length))).toBeLessThan(1100);
});

test('a hint says how the DNS provider wants it entered, by the name of its zone', async () => {
  testEnvironment.dns.serve(DOMAIN, 'ada.ns.cloudflare.com');
  const hint = (await checked([without(right, slot)])).get('dkim-zero')?.hint;
  expect(hint).toMatch(/At Cloudflare, enter zero\._domainkey as "Name", and set its proxy status/);
  expect((await checked([right])).get('dkim-zero')?.hint).toBeUndefined();
  testEnvironment.dns.serve(DOMAIN);
});

test('a DMARC record of the customer’s own shows its policy, without report addresses of ours', async () => {
  const text =
    'v=DMARC1; p=reject; sp=none; rua=mailto:a@example.com,mailto:x@reports.sd.example.net';
  const check = (await checked([replaced(right, txt(`_dmarc.${DOMAIN}`, text))])).get('dmarc');
  expect(check?.policy).toEqual({ p: 'reject', sp: 'none', rua: ['mailto:a@example.com'] });
});

test('an SPF record that is too much comes with its tree and counts', async () => {
  const parts = Array.from({ length: 10 }, (_, i) => `include:i${i}.many.test`);
  testEnvironment.dns.zone(
    'many.test',
    parts.map((part) => txt(part.slice('include:'.length), 'v=spf1 -all')),
  );
  const text = `v=spf1 ${include} ${parts.join(' ')} ~all`;
  const check = (await checked([replaced(right, txt(DOMAIN, text))])).get('spf');
  expect(check).toMatchObject({ code: 'spf-too-many-lookups', spf: { lookups: 12 } });
  expect(check?.spf?.root.terms).toHaveLength(11);
});

test('an SPF record that has no room for us says so, with the count', async () => {
  const parts = Array.from({ length: 10 }, (_, i) => `include:i${i}.many.test`);
  const check = (
    await checked([replaced(right, txt(DOMAIN, `v=spf1 ${parts.join(' ')} ~all`))])
  ).get('spf');
  expect(check).toMatchObject({ code: 'spf-no-include', spf: { lookups: 12 } });
  expect(check?.hint).toMatch(/no room for them: .* takes 12 DNS lookups, of 10/);
});
