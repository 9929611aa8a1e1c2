import { expect, test } from 'vitest';
import type { Standing } from '#shared/core/model/budgets.ts';
import { BudgetExceeded } from '#shared/core/model/errors.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';

const tenant = givenTenant();

function givenClock(start = '2026-11-20T10:00:10.000Z') {
  let now = Date.parse(start);
  return { now: () => new Date(now), pass: (seconds: number) => (now += seconds * 1_000) };
}

test('what is over says which budget, how much, and when to try again', async () => {
  const { budgets } = givenBudgets(givenClock(), { 'recipients-minute': 10 });
  await budgets.take(tenant, 'recipients', 8);
  const error = await budgets.take(tenant, 'recipients', 3).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BudgetExceeded);
  expect(error).toMatchObject({
    code: 'budget-exceeded',
    budget: 'recipients-minute',
    retryAfter: 50,
    message: expect.stringContaining('8 of 10'),
  });
});

test('where both windows are full, the longer one is named, since it decides', async () => {
  const { budgets } = givenBudgets(givenClock(), { 'recipients-minute': 10, 'recipients-day': 10 });
  await budgets.take(tenant, 'recipients', 10);
  await expect(budgets.take(tenant, 'recipients', 1)).rejects.toMatchObject({
    budget: 'recipients-day',
    retryAfter: 14 * 3600 - 10,
  });
});

test('an amount that never fits is refused without a time to try again', async () => {
  const { budgets } = givenBudgets(givenClock(), { 'recipients-minute': 10 });
  await expect(budgets.take(tenant, 'recipients', 11)).rejects.toMatchObject({
    budget: 'recipients-minute',
    retryAfter: undefined,
  });
});

test('an own limit counts within half a minute, for its tenant alone', async () => {
  const clock = givenClock();
  const { budgets, store } = givenBudgets(clock, { 'claims-hour': 1 });
  await budgets.take(tenant, 'claims', 1);
  await store.setOwnLimits(tenant, { 'claims-hour': 2 });
  clock.pass(30);
  await budgets.take(tenant, 'claims', 1);
  const other = givenTenant();
  await budgets.take(other, 'claims', 1);
  await expect(budgets.take(other, 'claims', 1)).rejects.toThrow(BudgetExceeded);
});

test('one write takes, and no read beside the limits', async () => {
  const { budgets, store } = givenBudgets(givenClock());
  await budgets.take(tenant, 'recipients', 1);
  Object.assign(store.calls, { reads: 0, writes: 0 });
  await budgets.take(tenant, 'recipients', 1);
  expect(store.calls).toEqual({ writes: 1, reads: 0 });
});

test('a lease is of one thing at a time, of a few in all, and ends by itself', async () => {
  const clock = givenClock();
  const { budgets } = givenBudgets(clock, { 'waiting-records': 2 });
  const lease = (of: string) => budgets.lease(tenant, 'waiting-records', of);
  const first = await lease('a.example');
  await expect(lease('a.example')).rejects.toMatchObject({
    budget: 'waiting-records',
    retryAfter: 20,
  });
  await lease('b.example');
  clock.pass(5);
  await expect(lease('c.example')).rejects.toMatchObject({ retryAfter: 15 });
  await first.end();
  await lease('c.example');
  clock.pass(20);
  await lease('a.example');
});

test('who may do without a lease is not refused for what is leased already', async () => {
  const { budgets } = givenBudgets(givenClock(), { checks: 1 });
  const lease = (of: string) => budgets.leaseUnlessTaken(tenant, 'checks', of);
  expect(await lease('a.example')).toBeDefined();
  expect(await lease('a.example')).toBeUndefined();
  await expect(lease('b.example')).rejects.toThrow(BudgetExceeded);
});

test('what is left is reported as it is taken, and read at once', async () => {
  const { budgets } = givenBudgets(givenClock());
  const reported: Standing[] = [];
  const reporting = budgets.reporting((standing) => reported.push(standing));
  await reporting.take(tenant, 'recipients', 30);
  expect(reported).toEqual([
    { budget: 'recipients-minute', limit: 2_000, remaining: 1_970, resetSeconds: 50 },
    { budget: 'recipients-day', limit: 50_000, remaining: 49_970, resetSeconds: 14 * 3_600 - 10 },
  ]);
  expect(await budgets.standings(tenant)).toEqual(expect.arrayContaining(reported));
});

test('who is over a limit costs one write a second, and is let through once there is room', async () => {
  const clock = givenClock();
  const { budgets, store } = givenBudgets(clock, { 'recipients-minute': 10 });
  await budgets.take(tenant, 'recipients', 8);
  Object.assign(store.calls, { reads: 0, writes: 0 });
  for (let count = 0; count < 50; count += 1) {
    await expect(budgets.take(tenant, 'recipients', 5)).rejects.toThrow(BudgetExceeded);
  }
  expect(store.calls.writes).toBe(1);
  // Less may fit, and another tenant's are its own.
  await budgets.take(tenant, 'recipients', 2);
  await budgets.take(givenTenant(), 'recipients', 5);
  clock.pass(50);
  await budgets.take(tenant, 'recipients', 10);
});
