import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallMeter } from '#shared/app/budgets/call-meter.ts';
import { BudgetExceeded } from '#shared/core/model/errors.ts';
import { MemoryBudgetStore } from '../../../fakes/budget-store.ts';
import { defaultLimits } from '../../../fakes/given-budgets.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';

const tenant = givenTenant();
const limitsOf = (calls: number) => ({ ...defaultLimits, 'calls-minute': calls });

/** Instances of functions that share a table, on one clock. */
function givenInstances(count: number, store = new MemoryBudgetStore()) {
  let now = Date.parse('2026-11-20T10:00:00.000Z');
  const failures: unknown[] = [];
  const clock = { now: () => new Date(now) };
  const meters = Array.from(
    { length: count },
    () => new CallMeter('calls', { store, clock, log: (error) => failures.push(error) }),
  );
  return { store, meters, failures, pass: (seconds: number) => (now += seconds * 1_000) };
}

/** @returns whether it was let through */
async function call(meter: CallMeter, limit: number, raised = limit): Promise<boolean> {
  try {
    await meter.count(tenant, limitsOf(limit), async () => limitsOf(raised));
    return true;
  } catch (error) {
    if (error instanceof BudgetExceeded) return false;
    throw error;
  }
}

test('a call waits for no write, however long writes take', async () => {
  const store = new MemoryBudgetStore();
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const take = store.take.bind(store);
  store.take = async (spending) => {
    await answered;
    return take(spending);
  };
  const { meters } = givenInstances(1, store);
  for (let calls = 0; calls < 12; calls += 1) expect(await call(meters[0]!, 1_200)).toBe(true);
  answer();
});

test('1,200 calls of one instance are counted by a hundred writes or so', async () => {
  const { meters, store } = givenInstances(1);
  let through = 0;
  for (let calls = 0; calls < 3_000; calls += 1) through += Number(await call(meters[0]!, 1_200));
  expect(through).toBeGreaterThanOrEqual(1_200);
  expect(through).toBeLessThanOrEqual(1_212);
  expect(store.calls.writes).toBeLessThanOrEqual(102);
});

test('an instance that knows the limit of before reads it again, once another took blocks by a raised one', async () => {
  const { meters } = givenInstances(2);
  for (let calls = 0; calls < 20; calls += 1) await call(meters[0]!, 100_000);
  let refused = 0;
  for (let calls = 0; calls < 500; calls += 1) {
    refused += Number(!(await call(meters[1]!, 100, 100_000)));
  }
  expect(refused).toBe(0);
});

test('for any instances and any order, the calls let through pass the limit by a block each at most', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.nat(5), { minLength: 1, maxLength: 900, size: 'max' }),
      async (limit, instances, order) => {
        const { meters, failures } = givenInstances(instances);
        let through = 0;
        for (const which of order) {
          through += Number(await call(meters[which % instances]!, limit));
        }
        const block = Math.max(1, Math.ceil(limit / 100));
        expect(through).toBeLessThanOrEqual(limit === 0 ? 0 : limit + instances * block);
        // Blocks taken and not used are all that may be missing.
        expect(through).toBeGreaterThanOrEqual(
          Math.min(order.length, Math.max(0, limit - instances * 2 * block)),
        );
        expect(failures).toEqual([]);
      },
    ),
    { numRuns: 100 },
  );
});

test('each window begins with the whole limit', async () => {
  const { meters, pass } = givenInstances(1);
  for (let calls = 0; calls < 20; calls += 1) await call(meters[0]!, 10);
  expect(await call(meters[0]!, 10)).toBe(false);
  pass(60);
  expect(await call(meters[0]!, 10)).toBe(true);
});

test('calls go on where the table does not answer, and that is logged', async () => {
  const { meters, store, failures } = givenInstances(1);
  store.take = () => Promise.reject(new Error('no answer'));
  for (let calls = 0; calls < 50; calls += 1) expect(await call(meters[0]!, 10)).toBe(true);
  expect(failures.length).toBeGreaterThan(0);
});
