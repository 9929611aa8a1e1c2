import { expect, test } from 'vitest';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import { requireCaller } from '#shared/api/caller.ts';
import type { ApiEvent, AuthorizerContext } from '#shared/api/http.ts';
import { problemOf } from '#shared/api/problem.ts';
import { refusedWhileOut } from '../../../../lambdas/authorizer/while-out.ts';

const timedOut = Object.assign(new Error('the socket timed out'), { name: 'TimeoutError' });
const failing = (error: Error) => async (): Promise<AuthorizerContext> => {
  throw error;
};

const eventOf = (lambda: AuthorizerContext): ApiEvent =>
  ({ headers: {}, requestContext: { authorizer: { lambda } } }) as unknown as ApiEvent;

test('while keys cannot be read a request is refused, with the time to try again', async () => {
  const logged: unknown[] = [];
  const log = (error: unknown): void => void logged.push(error);

  const caller = await refusedWhileOut(failing(timedOut), { isOutage, log });

  expect(logged).toEqual([timedOut]);
  expect(caller).toEqual({ scopes: '', refused: 'unavailable' });
  let refusal: unknown;
  try {
    requireCaller(eventOf(caller!), { scope: 'domains:read', path: '/v1/domains' });
  } catch (error) {
    refusal = error;
  }
  expect(problemOf(refusal)).toMatchObject({ status: 503, code: 'busy', retryAfter: 5 });
});

test('a fault of ours is none that waiting helps', async () => {
  const fault = new TypeError('x is undefined');
  await expect(refusedWhileOut(failing(fault), { isOutage, log: () => {} })).rejects.toBe(fault);
});

test('who calls is passed on', async () => {
  const caller = { scopes: 'domains:read' };
  expect(await refusedWhileOut(async () => caller, { isOutage, log: () => {} })).toBe(caller);
});
