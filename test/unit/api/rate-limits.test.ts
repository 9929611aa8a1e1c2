import { expect, test } from 'vitest';
import { withinBudgets } from '#shared/api/handler.ts';
import { json } from '#shared/api/http.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { givenBudgets } from '../../fakes/given-budgets.ts';
import { givenEvent } from './given-event.ts';

const caller = { tenant: 't_tester' as TenantId, scopes: 'domains' };
const event = givenEvent({ caller, method: 'GET', path: '/v1/domains' });
const answer = withinBudgets<object>(async () => json(200, {}));
const log = (error: unknown) => {
  throw error;
};

test('an answer has what is left of the budgets that it took from, as structured fields', async () => {
  const { budgets } = givenBudgets();
  const takes = withinBudgets<{ budgets: typeof budgets }>(async (_, ports) => {
    await ports.budgets.take(caller.tenant, 'claims', 1);
    return json(201, {});
  });
  const { headers } = await takes(event, { budgets }, log);
  expect(headers).toMatchObject({
    ratelimit: '"calls-minute";r=1199;t=60, "claims-hour";r=59;t=3600',
    'ratelimit-policy': '"calls-minute";q=1200;w=60, "claims-hour";q=60;w=3600',
    'cache-control': 'no-store',
  });
});

test('a call over the limit is answered as a problem that names the budget, and goes no further', async () => {
  const { budgets } = givenBudgets(undefined, { 'calls-minute': 2 });
  let answered = 0;
  const counting = withinBudgets<object>(async () => {
    answered += 1;
    return json(200, {});
  });
  for (let calls = 0; calls < 10; calls += 1) await counting(event, { budgets }, log);
  const refused = await counting(event, { budgets }, log);
  expect(refused.statusCode).toBe(429);
  expect(refused.headers).toMatchObject({
    'content-type': 'application/problem+json',
    'retry-after': '60',
  });
  expect(JSON.parse(refused.body!)).toMatchObject({
    code: 'budget-exceeded',
    budget: 'calls-minute',
    retryAfter: 60,
    status: 429,
  });
  expect(answered).toBeLessThanOrEqual(3);
});

test('a request without a caller is counted by nobody', async () => {
  const { budgets } = givenBudgets(undefined, { 'calls-minute': 0 });
  const open = givenEvent({ caller: null, method: 'GET', path: '/v1/shared/x' });
  const result = await answer(open, { budgets }, log);
  expect(result.statusCode).toBe(200);
  expect(result.headers).not.toHaveProperty('ratelimit');
});
