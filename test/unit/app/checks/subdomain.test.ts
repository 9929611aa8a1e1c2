import { expect, test } from 'vitest';
import type { DomainName } from '#shared/core/model/names.ts';
import { copied, DOMAIN, viewOf, TestEnvironment, without } from './test-environment.ts';

const below = `news.${DOMAIN}` as DomainName;

/** A claim below a domain that asks to quarantine its subdomains' mail, and all its records but for one. */
async function given(missing: string) {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim({ domain: below, dmarc: undefined });
  await testEnvironment.identities.putView(viewOf(claim));
  const records = without(copied(claim), missing);
  const policy = {
    name: `_dmarc.${DOMAIN}`,
    type: 'TXT' as const,
    value: 'v=DMARC1; p=reject; sp=quarantine',
  };
  testEnvironment.dns.zone(DOMAIN, [...records, policy]);
  return testEnvironment.check(claim);
}

test('a DMARC record of a subdomain is optional, and no customer is urged to override the policy above', async () => {
  const { result } = await given(`_dmarc.${below}`);
  expect(result?.records.find(({ id }) => id === 'dmarc')).toMatchObject({
    status: 'missing',
    hint: expect.stringMatching(/^There is no .*, so that the policy of example\.com .* is fine;/),
  });
});

test('what is hosted for a subdomain starts as what the domain above asks of it, not weaker', async () => {
  const { claim, result } = await given('nothing');
  expect(claim.dmarc).toEqual({ p: 'quarantine' });
  expect(result?.records.find(({ id }) => id === 'dmarc')).toMatchObject({ status: 'ok' });
});

test('SPF cannot be at a name that is a CNAME, and is not asked for there', async () => {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim({ domain: below, dmarc: undefined });
  await testEnvironment.identities.putView(viewOf(claim));
  testEnvironment.dns.zone('hoster.test', [
    { name: 'site.hoster.test', type: 'A', value: '192.0.2.1' },
  ]);
  testEnvironment.dns.zone(DOMAIN, [
    ...without(copied(claim), below),
    { name: below, type: 'CNAME', value: 'site.hoster.test' },
  ]);
  const { result } = await testEnvironment.check(claim);
  expect(result?.records.find(({ id }) => id === 'spf')).toMatchObject({
    status: 'ok-external',
    code: 'spf-at-cname',
    value: '',
    observed: ['site.hoster.test'],
    hint: expect.stringContaining('Create nothing here'),
  });
});

test('a CNAME to a domain that nobody registered is a danger', async () => {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim({ domain: below, dmarc: undefined });
  await testEnvironment.identities.putView(viewOf(claim));
  testEnvironment.dns.zone(DOMAIN, [
    ...without(without(copied(claim), below), `_dmarc.${below}`),
    { name: below, type: 'CNAME', value: 'site.expired.test' },
    { name: `_dmarc.${below}`, type: 'CNAME', value: 'dmarc.expired.test' },
  ]);
  const { result } = await testEnvironment.check(claim);
  const found = new Map(result?.records.map((one) => [one.id, one]));
  expect(found.get('spf')).toMatchObject({
    status: 'warning',
    code: 'spf-unregistered',
    value: '',
  });
  expect(found.get('dmarc')?.hint).toContain('expired.test is not registered');
});
