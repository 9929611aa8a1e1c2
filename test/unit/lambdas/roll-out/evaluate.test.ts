import { expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { RollOutRequest } from '#shared/app/ports/roll-out-requests.ts';
import { daysAfter } from '#shared/core/reports/day.ts';
import { evaluateRollOut, type RollOutPorts } from '../../../../lambdas/roll-out/evaluate.ts';
import { planRollOuts } from '../../../../lambdas/roll-out-planner/plan-roll-outs.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { givenGroup } from '../../core/reports/given-day.ts';
import { thresholds } from '../../core/dmarc/given-thresholds.ts';
import { TestEnvironment } from './test-environment.ts';

const start = '2026-01-01';
const at = `${daysAfter(start, 30)}T12:00:00.000Z`;

/** A month of good mail, so that the plan's first step is due. */
async function givenDue(): Promise<TestEnvironment> {
  const testEnvironment = await TestEnvironment.begin(start, {});
  const { label } = await testEnvironment.claim();
  for (let day = 0; day < 30; day += 1) {
    for (const reporter of ['google.com', 'yahoo.com']) {
      await testEnvironment.store.add({
        label,
        day: daysAfter(start, day),
        reporter,
        key: `${day}`,
        earlierKey: undefined,
        coarse: false,
        unreadableRows: 0,
        organization: reporter,
        groups: [givenGroup({ messages: 100 })],
      });
    }
  }
  return testEnvironment;
}

async function evaluate(
  testEnvironment: TestEnvironment,
  changes: Partial<RollOutPorts> = {},
): Promise<void> {
  const { tenant, domain } = await testEnvironment.claim();
  await evaluateRollOut(
    { tenant, domain, at },
    {
      deployment,
      claims: testEnvironment.claims,
      reports: testEnvironment.store,
      thresholds,
      log: (event) => testEnvironment.rollOutEvents.push(event),
      ...changes,
    },
  );
}

test('a step that is due is written with the claim, published, and taken once', async () => {
  const testEnvironment = await givenDue();
  const { version } = await testEnvironment.claim();
  await evaluate(testEnvironment);
  const stepped = await testEnvironment.claim();
  expect(stepped).toMatchObject({
    version: version + 1,
    dmarc: { p: 'quarantine', sp: 'none' },
    policyHistory: [{ at, tag: 'p', from: 'none', to: 'quarantine' }],
  });
  expect(testEnvironment.rollOutEvents).toMatchObject([
    { kind: 'stepped', domain: 'shop.example' },
  ]);
  await evaluate(testEnvironment);
  expect(await testEnvironment.claim()).toEqual(stepped);
  expect(testEnvironment.rollOutEvents).toHaveLength(1);
});

test('a claim that somebody else writes meanwhile is read again', async () => {
  const testEnvironment = await givenDue();
  let races = 0;
  const claims = {
    get: (key: RollOutRequest) => testEnvironment.claims.get(key),
    async update(before: Claim, next: Claim) {
      races += 1;
      if (races === 1) await testEnvironment.change(({ spf }) => ({ spf }));
      await testEnvironment.claims.update(before, next);
    },
  };
  await evaluate(testEnvironment, { claims });
  expect(races).toBe(2);
  expect((await testEnvironment.claim()).dmarc?.p).toBe('quarantine');
  const never = {
    ...claims,
    update: async () => Promise.reject(new Conflict('the claim')),
  };
  const other = await givenDue();
  await expect(
    evaluate(other, { claims: { ...never, get: (key) => other.claims.get(key) } }),
  ).rejects.toThrow(Conflict);
});

test.each<[string, (claim: Claim) => Partial<Claim>]>([
  ['is not proven any more', () => ({ status: 'lost' })],
  ['is being deleted', () => ({ lifecycle: 'deleting' })],
  ['has no policy yet', () => ({ dmarc: undefined })],
])('a claim that %s keeps what it has', async (_what, change) => {
  const testEnvironment = await givenDue();
  await testEnvironment.change(change);
  const before = await testEnvironment.claim();
  await evaluate(testEnvironment);
  expect(await testEnvironment.claim()).toEqual(before);
});

test('a claim that is gone is passed over', async () => {
  const testEnvironment = await givenDue();
  await expect(
    evaluate(testEnvironment, {
      claims: { ...testEnvironment.claims, get: async () => undefined, update: async () => {} },
    }),
  ).resolves.toBeUndefined();
});

test('a plan that comes to hold is reported once', async () => {
  const testEnvironment = await givenDue();
  const { label } = await testEnvironment.claim();
  await testEnvironment.store.add({
    label,
    day: daysAfter(start, 29),
    reporter: 'microsoft.com',
    key: 'bad',
    earlierKey: undefined,
    coarse: false,
    unreadableRows: 0,
    organization: 'microsoft.com',
    groups: [givenGroup({ messages: 900, dkim: false, spf: false })],
  });
  await evaluate(testEnvironment);
  await evaluate(testEnvironment);
  expect(testEnvironment.rollOutEvents).toMatchObject([
    { kind: 'held', held: { sources: ['ses'] } },
  ]);
  expect((await testEnvironment.claim()).dmarc?.p).toBe('none');
});

test('the planner queues the proven claims whose plan has begun, page after page', async () => {
  const testEnvironment = await TestEnvironment.begin(start, {});
  const running = await testEnvironment.claim();
  const plan = running.rollOut!;
  const claims = [
    running,
    givenClaim({ status: 'verified' }),
    givenClaim({ status: 'pending', rollOut: plan }),
    givenClaim({ status: 'at-risk', rollOut: plan }),
    givenClaim({ status: 'verified', lifecycle: 'deleting', rollOut: plan }),
    givenClaim({ status: 'verified', rollOut: { ...plan, startsAt: '2027-01-01T00:00:00.000Z' } }),
  ];
  const rollOutQueue = new MemoryQueue<RollOutRequest>();
  const scan = async ({ cursor = '0' }: { cursor?: string }) => ({
    claims: claims.slice(Number(cursor), Number(cursor) + 2),
    cursor: Number(cursor) + 2 < claims.length ? String(Number(cursor) + 2) : undefined,
  });
  expect(await planRollOuts({ claims: { scan }, rollOutQueue }, at)).toBe(2);
  expect(rollOutQueue.take().map(({ request }) => request)).toEqual(
    [claims[0]!, claims[3]!].map(({ tenant, domain }) => ({ tenant, domain, at })),
  );
});
