import { describe, expect, test } from 'vitest';
import { requestCheck } from '#shared/app/checks/request-check.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { isAnswered } from '../../../../lambdas/domains/check-domain.ts';
import { givenTestEnvironment } from './test-environment.ts';

const domain = 'example.com' as DomainName;
const path = '/v1/domains/example.com';

async function givenDomain() {
  const testEnvironment = givenTestEnvironment();
  await testEnvironment.claim(domain);
  const key = { tenant: testEnvironment.tenant, domain };
  const stored = async () => (await testEnvironment.claims.get(key)) as Claim;
  const check = () => testEnvironment.ask('POST', `${path}/checks`);
  return { testEnvironment, stored, check };
}

const verified = (claim: Claim, verifiedAt: string): Claim => ({
  ...claim,
  version: claim.version + 1,
  status: 'verified',
  verifiedAt,
});

describe('POST checks', () => {
  test('answers with the domain as the check left it', async () => {
    const { testEnvironment, check } = await givenDomain();
    const at = testEnvironment.now();
    testEnvironment.check = (claim) => testEnvironment.claims.hold(claim, verified(claim, at), at);
    const { status, body } = await check();
    expect([status, body.status, body.checkedAt]).toEqual([200, 'verified', at]);
  });

  test('answers 202 after 2 s with the time of the check before, and where to read on', async () => {
    const { testEnvironment, check } = await givenDomain();
    const first = await check();
    testEnvironment.pass(60);
    testEnvironment.checkTakes = 5_000;
    const before = testEnvironment.now();
    const second = await check();
    expect(second.status).toBe(202);
    expect(second.headers['location']).toBe(path);
    expect(second.body).toEqual({ name: domain, checkedAt: first.body.checkedAt });
    expect(Date.parse(testEnvironment.now()) - Date.parse(before)).toBe(2_000);
  });

  test('answers 202 with no time where no check has ended yet', async () => {
    const { testEnvironment, check } = await givenDomain();
    testEnvironment.checkTakes = 5_000;
    expect((await check()).body).toEqual({ name: domain, checkedAt: null });
  });

  test('never gives the result of a check that began before it was asked', async () => {
    const { testEnvironment, check } = await givenDomain();
    const first = await check();
    expect(first.status).toBe(200);
    testEnvironment.pass(2);
    const at = testEnvironment.now();
    const again = await check();
    expect(again.status).toBe(200);
    expect(again.body.checkedAt! >= at).toBe(true);
  });

  test('waits for two domains of a tenant, and queues the checks of others all the same', async () => {
    const { testEnvironment } = await givenDomain();
    const names = ['a.example', 'd.example'];
    for (const name of names) await testEnvironment.claim(name);
    testEnvironment.checkTakes = 60_000;
    const started = Date.parse(testEnvironment.now());
    const { ports, tenant } = testEnvironment;
    // Two that wait at this very moment.
    for (const name of ['x.example', 'y.example']) {
      await ports.budgets.lease(tenant, 'checks', name);
    }
    testEnvironment.checkQueue.take();
    for (const name of names) {
      const { status } = await testEnvironment.ask('POST', `/v1/domains/${name}/checks`);
      expect(status).toBe(202);
    }
    expect(Date.parse(testEnvironment.now())).toBe(started);
    expect(
      (
        await testEnvironment.checks.get(
          (await ports.claims.get({
            tenant,
            domain: 'd.example' as DomainName,
          }))!.label,
        )
      )?.requestedAt,
    ).toBeDefined();
  });

  test('queues one check in 2 s, however many ask', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.checkTakes = 60_000;
    const { queued, ask } = withoutWaiting(testEnvironment);
    await Promise.all([ask(), ask(), ask()]);
    expect(queued()).toEqual([0, 2]);
    testEnvironment.pass(1.9);
    await Promise.all([ask(), ask()]);
    expect(queued()).toEqual([]);
    testEnvironment.pass(0.2);
    await ask();
    expect(queued()).toEqual([2]);
  });

  test('is made by the planner where its message is lost', async () => {
    const { testEnvironment, stored, check } = await givenDomain();
    await check();
    testEnvironment.pass(60);
    testEnvironment.checkQueue.failing.push(new Error('SQS is out'));
    expect((await check()).status).toBe(500);
    const state = await testEnvironment.checks.get((await stored()).label);
    expect(Date.parse(state!.dueAt) - Date.parse(testEnvironment.now())).toBe(60_000);
  });

  test('that ends the claim answers that it is gone', async () => {
    const { testEnvironment, check } = await givenDomain();
    testEnvironment.check = async (claim) => {
      const expired: Claim = { ...claim, version: claim.version + 1, lifecycle: 'expired' };
      await testEnvironment.claims.retire(claim, expired);
    };
    expect((await check()).status).toBe(404);
  });

  test('of a domain that is being deleted is refused', async () => {
    const { testEnvironment, check } = await givenDomain();
    await testEnvironment.ask('DELETE', path);
    testEnvironment.checkQueue.take();
    const { status, body } = await check();
    expect([status, body['code']]).toEqual([409, 'domain-deleting']);
    expect(testEnvironment.checkQueue.take()).toEqual([]);
  });
});

/** Asks for checks without moving the clock; `queued` takes the delays of the messages sent. */
function withoutWaiting(testEnvironment: ReturnType<typeof givenTestEnvironment>) {
  const { ports, tenant } = testEnvironment;
  return {
    ask: () => requestCheck({ tenant, domain, label: labelIn(testEnvironment) }, ports),
    queued: () => testEnvironment.checkQueue.take().map(({ delaySeconds }) => delaySeconds),
  };
}

const labelIn = ({ checks }: ReturnType<typeof givenTestEnvironment>) =>
  [...checks.items.keys()][0]!;

test('every answer with records says when they were checked', async () => {
  const { testEnvironment, check } = await givenDomain();
  testEnvironment.dns.zone(domain, []);
  await check();
  const at = testEnvironment.now();
  testEnvironment.pass(60);
  const { checkedAt } = (await check()).body;
  expect(checkedAt! > at).toBe(true);
  const link = String((await testEnvironment.ask('POST', `${path}/share-links`)).body['url']);
  const shared = `/v1/shared/${new URL(link).hash.slice(1)}`;
  for (const one of [path, `${path}/records`, shared]) {
    expect((await testEnvironment.ask('GET', one)).body.checkedAt, one).toBe(checkedAt);
  }
  for (const all of ['/v1/domains', '/v1/records']) {
    const { body } = await testEnvironment.ask('GET', all);
    expect(body['domains'], all).toMatchObject([{ checkedAt }]);
  }
});

test.each([
  ['ended while it was waited for', true, '2026-11-29T11:59:59.000Z', true],
  ['ended as the answer was read', false, '2026-11-29T12:00:00.000Z', true],
  ['has not ended', false, '2026-11-29T11:59:59.999Z', false],
  ['never was', false, null, false],
])('a check that %s', (_, isDone, checkedAt, answered) => {
  const requestedAt = '2026-11-29T12:00:00.000Z';
  expect(isAnswered({ isDone, requestedAt }, checkedAt)).toBe(answered);
});
