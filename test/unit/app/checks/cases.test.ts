/** The inputs that were once judged wrongly, as customers had them, and the right answers. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '#shared/app/checks/evaluate/evaluate.ts';
import { queryRecords } from '#shared/app/checks/query-records.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import { copied, DOMAIN, replaced, TestEnvironment, without } from './test-environment.ts';

const testEnvironment = new TestEnvironment();
const claim = await testEnvironment.claim();
const right = copied(claim);
const token = { token: 'sestoken' };
const records = customerRecords(claim, token, deployment);
const valueOf = (id: string): string => records.find((record) => record.id === id)!.value!;
const OURS = /include:(\S+)/.exec(valueOf('spf'))![1]!;

async function checkOf(id: string, zone: readonly DnsRecord[]): Promise<RecordCheck> {
  testEnvironment.dns.zone(DOMAIN, zone);
  const { observations, setting } = await queryRecords(claim, token, testEnvironment.ports);
  return evaluate(records, observations, setting).find((check) => check.id === id)!;
}
const txt = (name: string, value: string): DnsRecord => ({ name, type: 'TXT', value });
const cname = (name: string, value: string): DnsRecord => ({ name, type: 'CNAME', value });

const others = 'ip4:192.0.2.1';
const corrected = `v=spf1 ${others} include:${OURS} ~all`;

describe('text that was meant as SPF has a code, and a value that keeps every sender', () => {
  test.each([
    [`v=spf1, ${others}, include:${OURS}, ~all`, 'spf-unrecognized'],
    [`v=spf ${others} include:${OURS} ~all`, 'spf-unrecognized'],
    [`v=spf1\u00a0${others} include:${OURS} ~all`, 'spf-unrecognized'],
    [`v=spf1\u200b ${others} include:${OURS} ~all`, 'spf-unrecognized'],
    [`v=spf1 ${others}\u200b include:${OURS} ~all`, 'spf-invalid'],
    [`\u201cv=spf1 ${others} include:${OURS} ~all\u201d`, 'form-residue'],
    [`v=spf1 ${others} include: ${OURS} ~all`, 'spf-invalid'],
    [`v=spf1 ${others} include=${OURS} ~all`, 'spf-invalid'],
    [`v=spf1 192.0.2.1 include:${OURS} ~all`, 'spf-invalid'],
    [`v=spf1 ${others}include:${OURS} ~all`, 'spf-invalid'],
  ])('%s', async (text, code) => {
    const check = await checkOf('spf', replaced(right, txt(DOMAIN, text)));
    expect(check).toMatchObject({ status: 'wrong', code, value: corrected });
    expect(check.hint).toContain(`Change it to: ${corrected}`);
  });

  test.each([
    ['ip4:192.0.2.1 includes:OURS ~all', corrected],
    ['ip4:192.0.2.1 inlcude:OURS ~all', corrected],
    ['ip4:192.0.2.1 include::OURS ~all', corrected],
    ['ip4:192.0.2.1 include:<OURS> ~all', corrected],
    ['ip4:192.0.2.1 OURS ~all', corrected],
    ['ip4:192.0.2.1 include:OURS ~alll', corrected],
    ['ip4:192.0.2.1 include:OURS ~~all', corrected],
    ['ip4:192.0.2.1 include:OURS ~all.', corrected],
    ['ip4:192.0.2.1 include:OURS ~all # our mail', corrected],
    ['ip4:192.0.2.1 | include:OURS | ~all', corrected],
    ['ip4:192.0.2.1:25 include:OURS ~all', corrected],
    ['ip4:[192.0.2.1] include:OURS ~all', corrected],
    ['ip4:192.0.2.001 include:OURS ~all', corrected],
    ['include:192.0.2.1 include:OURS ~all', corrected],
    ['~all ip4:192.0.2.1 include:OURS', corrected],
    [
      'ip4:192.0.2.0/255.255.255.0 include:OURS -all',
      `v=spf1 ip4:192.0.2.0/24 include:${OURS} -all`,
    ],
    ['ip4:192.0.2.* include:OURS -all', `v=spf1 ip4:192.0.2.0/24 include:${OURS} -all`],
    ['ip4:192.0.2.0\\24 include:OURS -all', `v=spf1 ip4:192.0.2.0/24 include:${OURS} -all`],
    ['ip4:192.0.2.0 /24 include:OURS -all', `v=spf1 ip4:192.0.2.0/24 include:${OURS} -all`],
    ['ip4:mail.example.com include:OURS -all', `v=spf1 a:mail.example.com include:${OURS} -all`],
    ['mx:10 mail.example.com include:OURS -all', `v=spf1 mx:mail.example.com include:${OURS} -all`],
    ['include:OURS mx-all', `v=spf1 include:${OURS} mx -all`],
    ['include:OURS a:/24 -all', `v=spf1 include:${OURS} a/24 -all`],
  ])('v=spf1 %s', async (terms, value) => {
    const text = `v=spf1 ${terms.replace('OURS', OURS)}`;
    const check = await checkOf('spf', replaced(right, txt(DOMAIN, text)));
    expect(check).toMatchObject({ status: 'wrong', value });
  });

  test.each([
    ['v=spf1 include:OURS ~all ip4:192.0.2.1', 'spf-senders-after-all'],
    ['v=spf1 include:OURS ~all ip4:192.0.2.1 v=spf1', 'spf-senders-after-all'],
  ])('%s is read without its last sender', async (text, code) => {
    const check = await checkOf('spf', replaced(right, txt(DOMAIN, text.replace('OURS', OURS))));
    expect(check).toMatchObject({ status: 'warning', code });
    expect(check.value).toMatch(`v=spf1 include:${OURS} ip4:192.0.2.1 ~all`);
  });

  test('a text beside the record that receivers do not read is joined to it', async () => {
    const check = await checkOf('spf', [...right, txt(DOMAIN, `"v=spf1 ${others} ~all"`)]);
    expect(check).toMatchObject({ status: 'warning', code: 'spf-unrecognized', value: corrected });
  });

  test.each([
    ['one of two signs', `v=spf1 ${others} include:OURS ~-all`],
    ['a part of an address', 'v=spf1 ip4:192.0.2 include:OURS ~all'],
    ['a bare host name', 'v=spf1 mail.example.com include:OURS ~all'],
  ])('%s has no one reading, so no value is made up', async (_what, text) => {
    const check = await checkOf('spf', replaced(right, txt(DOMAIN, text.replace('OURS', OURS))));
    expect(check).toMatchObject({ status: 'wrong', code: 'spf-invalid', value: '' });
  });

  test('an IPv6 address as ip4', async () => {
    const text = `v=spf1 ip4:2001:db8::1 include:${OURS} ~all`;
    const check = await checkOf('spf', replaced(right, txt(DOMAIN, text)));
    expect(check.value).toBe(`v=spf1 ip6:2001:db8::1 include:${OURS} ~all`);
  });

  test('a loop, which is no question of the number of lookups', async () => {
    const text = `v=spf1 include:${DOMAIN} include:${OURS} ~all`;
    const check = await checkOf('spf', replaced(right, txt(DOMAIN, text)));
    expect(check).toMatchObject({ code: 'spf-loop', value: `v=spf1 include:${OURS} ~all` });
    expect(check.hint).toMatch(/a loop, which receivers answer with permerror/);
  });
});

test('SPF that redirects to ours is right', async () => {
  const text = `v=spf1 redirect=${OURS}`;
  expect(await checkOf('spf', replaced(right, txt(DOMAIN, text)))).toMatchObject({ status: 'ok' });
});

test.each([
  [`v=spf1 include:${OURS} +all`, 'spf-open', /anybody may send .* Put "~all" in its place/],
  [`v=spf1 ip4:0.0.0.0/0 include:${OURS} ~all`, 'spf-open', /anybody may send .* your own servers/],
  [`v=spf1 ptr include:${OURS} ~all`, 'spf-ptr', /Put the addresses .* in its place/],
])('%s beside ours is a danger', async (text, code, hint) => {
  const check = await checkOf('spf', replaced(right, txt(DOMAIN, text)));
  expect(check).toMatchObject({ status: 'warning', code, hint: expect.stringMatching(hint) });
});

const dmarcOf = (record: DnsRecord) => checkOf('dmarc', replaced(right, record));

describe('DMARC', () => {
  test.each([
    [
      'v=DMARC1; p=reject; sp=all',
      'dmarc-invalid',
      /"sp=all" .* none of the record, as with p=none/,
    ],
    [
      `v=DMARC1; p=reject rua=mailto:x@${DOMAIN}`,
      'dmarc-invalid',
      /semicolon before "rua=".*v=DMARC1; p=none; rua=mailto:x@/,
    ],
    ['v=dmarc1; p=none', 'dmarc-unrecognized', /"DMARC1" not in capitals.*to: v=DMARC1; p=none/],
    ['v=DMARC1\\; p=none', 'dmarc-unrecognized', /a backslash.*to: v=DMARC1; p=none/],
    ['v=DMARC1, p=none', 'dmarc-unrecognized', /a comma where.*to: v=DMARC1; p=none/],
  ])(
    '%s is wrong, and the hint has the character and the corrected record',
    async (text, code, hint) => {
      const check = await dmarcOf(txt(`_dmarc.${DOMAIN}`, text));
      expect(check).toMatchObject({ status: 'wrong', code, hint: expect.stringMatching(hint) });
    },
  );

  test('an address without mailto: works but for the reports, with the corrected record', async () => {
    const check = await dmarcOf(txt(`_dmarc.${DOMAIN}`, `v=DMARC1; p=none; rua=x@${DOMAIN}`));
    expect(check).toMatchObject({ status: 'warning', code: 'dmarc-address' });
    expect(check.hint).toContain(`Change it to: v=DMARC1; p=none; rua=mailto:x@${DOMAIN}`);
  });

  test('without p but with rua is the customer’s own p=none', async () => {
    const check = await dmarcOf(txt(`_dmarc.${DOMAIN}`, `v=DMARC1; rua=mailto:x@${DOMAIN}`));
    expect(check).toMatchObject({ status: 'ok-external', policy: { p: 'none' } });
  });

  test('by a CNAME of theirs that leads to ours is ours', async () => {
    const check = await checkOf('dmarc', [
      ...replaced(right, cname(`_dmarc.${DOMAIN}`, `dm.${DOMAIN}`)),
      cname(`dm.${DOMAIN}`, valueOf('dmarc')),
    ]);
    expect(check.status).toBe('ok');
  });
});

describe('a record one label away is missing, and found there', () => {
  const mx = { name: DOMAIN, type: 'MX', value: valueOf('mail-from-mx') } as const;
  const key = valueOf('dkim-zero');
  test.each<[string, string, DnsRecord]>([
    ['dkim-zero', `zero._domainkey.${DOMAIN}`, cname(`zero.domainkey.${DOMAIN}`, key)],
    ['dkim-zero', `zero._domainkey.${DOMAIN}`, cname(`zero.${DOMAIN}`, key)],
    ['dkim-zero', `zero._domainkey.${DOMAIN}`, cname(`zero._domainkey.www.${DOMAIN}`, key)],
    ['dkim-zero', `zero._domainkey.${DOMAIN}`, cname(`zero_domainkey.${DOMAIN}`, key)],
    ['dmarc', `_dmarc.${DOMAIN}`, cname(`dmarc.${DOMAIN}`, valueOf('dmarc'))],
    ['dmarc', `_dmarc.${DOMAIN}`, cname(`-dmarc.${DOMAIN}`, valueOf('dmarc'))],
    ['dmarc', `_dmarc.${DOMAIN}`, txt(DOMAIN, 'v=DMARC1; p=none')],
    ['dmarc', `_dmarc.${DOMAIN}`, cname(`_dmarc.www.${DOMAIN}`, valueOf('dmarc'))],
    ['ses-identity', `_amazonses.${DOMAIN}`, txt(DOMAIN, 'sestoken')],
    ['ses-identity', `_amazonses.${DOMAIN}`, txt(`_amazonses.www.${DOMAIN}`, 'sestoken')],
    ['mail-from-mx', `bounces.${DOMAIN}`, mx],
    ['mail-from-mx', `bounces.${DOMAIN}`, { ...mx, name: `bounce.${DOMAIN}` }],
    ['spf', DOMAIN, cname(`_spf.${DOMAIN}`, OURS)],
    ['spf', DOMAIN, txt(`www.${DOMAIN}`, valueOf('spf'))],
  ])('%s, which belongs to %s', async (id, name, record) => {
    const check = await checkOf(id, [...without(right, name), record]);
    expect(check).toMatchObject({ status: 'missing', code: 'wrong-name' });
    expect(check.hint).toContain(`is at ${record.name}, where receivers do not query it`);
  });
});

test.each([
  ['dkim-zero', `zero._domainkey.mail.${DOMAIN}`, `zero._domainkey.${DOMAIN}`],
  ['ses-identity', `_amazonses.mail.${DOMAIN}`, `_amazonses.${DOMAIN}`],
])('%s of a subdomain, at the name in the zone above', async (id, name, above) => {
  const environment = new TestEnvironment();
  const below = await environment.claim({ domain: `mail.${DOMAIN}` as DomainName });
  const published = copied(below);
  const { type, value } = published.find((record) => record.name === name)!;
  environment.dns.zone(DOMAIN, [...without(published, name), { name: above, type, value }]);
  const { observations, setting } = await queryRecords(below, token, environment.ports);
  const checks = evaluate(customerRecords(below, token, deployment), observations, setting);
  expect(checks.find((check) => check.id === id)).toMatchObject({
    status: 'missing',
    code: 'wrong-name',
    hint: expect.stringContaining(`is at ${above}, where receivers do not query it`),
  });
});

test.each([
  ['dkim-zero', `zero._domainkey.${DOMAIN}`, cname(`*.${DOMAIN}`, valueOf('dkim-zero'))],
  ['spf', DOMAIN, txt(`*.${DOMAIN}`, valueOf('spf'))],
])('a wildcard that answers for every name is not %s at a wrong one', async (id, name, record) => {
  const check = await checkOf(id, [...without(right, name), record]);
  expect(check).toMatchObject({ status: 'missing', code: 'missing' });
});

test('_domainkey with dead name servers of its own: it is they that did not answer', async () => {
  const zone = `_domainkey.${DOMAIN}`;
  testEnvironment.dns.zone(zone);
  testEnvironment.dns.silence(zone);
  const check = await checkOf('dkim-one', right);
  expect(check).toMatchObject({ status: 'unknown', code: 'no-answer' });
  expect(check.hint).toMatch(
    /^The name servers of _domainkey\.example\.com did not answer, while those of example\.com do/,
  );
  expect((await checkOf('dmarc', right)).status).toBe('ok');
});
