import { describe, expect, test } from 'vitest';
import type { Claim, ClaimStatus } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { copied, DAY, HOUR, replaced, without, TestEnvironment } from './test-environment.ts';

const domains = {
  fine: 'fine.com' as DomainName,
  broken: 'broken.com' as DomainName,
  lost: 'lost.com' as DomainName,
  pending: 'pending.com' as DomainName,
};
type Which = keyof typeof domains;
const all = Object.keys(domains) as Which[];

/** Four domains as they may be when DNS goes down: verified, at-risk for 3 days, lost, pending. */
async function givenDomains() {
  const testEnvironment = new TestEnvironment();
  const claims = {} as Record<Which, Claim>;
  for (const which of ['fine', 'broken', 'lost'] as const) {
    claims[which] = await testEnvironment.claim({ domain: domains[which] });
  }
  const publish = (which: Which, records = copied(claims[which])) =>
    testEnvironment.dns.zone(domains[which], records);
  const check = async (): Promise<void> => {
    for (const claim of Object.values(claims)) await testEnvironment.check(claim);
  };
  const elsewhere = (which: Which) =>
    ['zero', 'one', 'two'].reduce(
      (records, slot) =>
        replaced(records, {
          name: `${slot}._domainkey.${domains[which]}`,
          type: 'CNAME',
          value: 'key.provider.example',
        }),
      copied(claims[which]),
    );

  for (const which of ['fine', 'broken', 'lost'] as const) publish(which);
  await check();
  publish('lost', []);
  for (let hours = 0; hours <= 8 * 24; hours += 24) {
    if (hours === 5 * 24) publish('broken', elsewhere('broken'));
    testEnvironment.advance(DAY);
    await check();
  }
  claims.pending = await testEnvironment.claim({ domain: domains.pending });
  publish('pending', []);
  await check();
  const statuses = async (): Promise<Record<Which, ClaimStatus>> => {
    const entries = all.map(
      async (which) => [which, (await testEnvironment.stored(claims[which])).status] as const,
    );
    return Object.fromEntries(await Promise.all(entries)) as Record<Which, ClaimStatus>;
  };
  const signing = async (): Promise<Which[]> => {
    const found = await Promise.all(all.map((which) => testEnvironment.maySign(claims[which])));
    return all.filter((_, index) => found[index]);
  };
  const silence = (silent: boolean): void => {
    for (const which of all) testEnvironment.dns.silence(domains[which], silent);
  };
  return { testEnvironment, claims, publish, check, statuses, signing, silence, elsewhere };
}

const before = { fine: 'verified', broken: 'at-risk', lost: 'lost', pending: 'pending' };

describe('DNS that is down for 6 days', () => {
  test('changes no status and stops no signing, and back on day 7 nothing is lost', async () => {
    const { testEnvironment, check, statuses, signing, silence } = await givenDomains();
    expect(await statuses()).toEqual(before);
    silence(true);
    for (let hours = 0; hours < 6 * 24; hours += 6) {
      testEnvironment.advance(6 * HOUR);
      await check();
      expect(await statuses()).toEqual(before);
      expect(await signing()).toEqual(['fine', 'broken']);
    }
    silence(false);
    testEnvironment.advance(HOUR);
    await check();
    expect(await statuses()).toEqual(before);
    expect(await signing()).toEqual(['fine', 'broken']);
  });

  test('does not count as time in which a broken domain was broken', async () => {
    const { testEnvironment, check, statuses, silence } = await givenDomains();
    silence(true);
    for (let days = 0; days < 6; days += 1) {
      await check();
      testEnvironment.advance(DAY);
    }
    silence(false);
    await check();
    // Broken for 3 days before; the fourth day after the outage would be the seventh.
    for (let days = 0; days < 3; days += 1) {
      testEnvironment.advance(DAY);
      await check();
      expect((await statuses()).broken).toBe('at-risk');
    }
    for (let days = 0; days < 2; days += 1) {
      testEnvironment.advance(DAY);
      await check();
    }
    expect((await statuses()).broken).toBe('lost');
  });

  test('shows what was put right meanwhile, with the first check', async () => {
    const { testEnvironment, publish, check, statuses, silence } = await givenDomains();
    silence(true);
    testEnvironment.advance(6 * DAY);
    await check();
    for (const which of all) publish(which);
    silence(false);
    await check();
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(['verified']));
  });
});

test('the time of an outage does not run for a claim that waits to be proven', async () => {
  const testEnvironment = new TestEnvironment();
  Object.assign(testEnvironment.ports, { pending: { claimDays: 14 } });
  const claim = await testEnvironment.claim({ domain: domains.pending });
  testEnvironment.dns.zone(domains.pending, []);
  const lifecycleAfter = async (days: number) => {
    testEnvironment.advance(days * DAY);
    return (await testEnvironment.check(claim)).claim.lifecycle;
  };
  expect(await lifecycleAfter(9)).toBe('live');
  testEnvironment.dns.silence(domains.pending);
  await testEnvironment.check(claim);
  expect(await lifecycleAfter(6)).toBe('live');
  testEnvironment.dns.silence(domains.pending, false);
  expect(await lifecycleAfter(0)).toBe('live');
  expect(await lifecycleAfter(4)).toBe('live');
  expect(await lifecycleAfter(1)).toBe('expired');
});

test('DNS that is down for 14 days makes a verified domain at-risk, which signs on', async () => {
  const { testEnvironment, claims, signing, silence } = await givenDomains();
  silence(true);
  for (let days = 0; days < 20; days += 1) {
    const { claim } = await testEnvironment.check(claims.fine);
    expect(claim.status).toBe(days < 14 ? 'verified' : 'at-risk');
    expect(await signing()).toContain('fine');
    testEnvironment.advance(DAY);
  }
});

describe('domains above and below one that another tenant holds', () => {
  const parent = 'example.com' as DomainName;
  const child = 'mail.example.com' as DomainName;

  test.each([
    ['below', parent, child],
    ['above', child, parent],
  ])('a claim %s it verifies only by its own records', async (_where, held, claimed) => {
    const testEnvironment = new TestEnvironment();
    const holder = await testEnvironment.claim({ domain: held });
    const other = await testEnvironment.claim({ domain: claimed });
    const records = copied(holder);
    testEnvironment.dns.zone(parent, records);
    await testEnvironment.check(holder);
    expect((await testEnvironment.check(other)).claim.status).toBe('pending');
    // Nor by the holder's labels at the other's names.
    const borrowed = records.map((record) => ({
      ...record,
      name: record.name.replace(new RegExp(`${held.replaceAll('.', '\\.')}$`), claimed),
    }));
    testEnvironment.dns.zone(parent, [...records, ...borrowed]);
    expect((await testEnvironment.check(other)).claim.status).toBe('pending');
    testEnvironment.dns.zone(parent, [...records, ...copied(other)]);
    expect((await testEnvironment.check(other)).claim.status).toBe('verified');
    expect((await testEnvironment.check(holder)).claim.status).toBe('verified');
    expect(await testEnvironment.maySign(holder)).toBe(true);
    expect(await testEnvironment.maySign(other)).toBe(true);
    testEnvironment.dns.zone(parent, without(copied(other), `zero._domainkey.${claimed}`));
    expect((await testEnvironment.check(other)).claim.status).toBe('at-risk');
  });
});

test('servers that fail at a slot that does not sign leave the domain at risk', async () => {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim({ domain: domains.fine });
  testEnvironment.dns.zone(domains.fine, copied(claim));
  await testEnvironment.check(claim);
  testEnvironment.dns.failing.add(`two._domainkey.${domains.fine}`);
  expect((await testEnvironment.check(claim)).claim).toMatchObject({
    status: 'at-risk',
    statusReason: { reason: 'name-fails' },
  });
  testEnvironment.dns.failing.clear();
  expect((await testEnvironment.check(claim)).claim.status).toBe('verified');
});

test('servers that fail at the signing key and answer for its neighbours have answered', async () => {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim({ domain: domains.fine });
  testEnvironment.dns.zone(domains.fine, copied(claim));
  await testEnvironment.check(claim);
  expect((await testEnvironment.stored(claim)).status).toBe('verified');
  testEnvironment.dns.failing.add(`zero._domainkey.${domains.fine}`);
  await testEnvironment.check(claim);
  expect((await testEnvironment.stored(claim)).status).toBe('at-risk');
  const result = await testEnvironment.checks.get(claim.label);
  expect(result?.result?.records.find(({ id }) => id === 'dkim-zero')).toMatchObject({
    status: 'wrong',
    code: 'name-fails',
    hint: expect.stringContaining('leads back to itself'),
  });
  for (const slot of ['one', 'two']) {
    testEnvironment.dns.failing.add(`${slot}._domainkey.${domains.fine}`);
  }
  testEnvironment.advance(DAY);
  await testEnvironment.check(claim);
  expect((await testEnvironment.stored(claim)).status).toBe('at-risk');
});
