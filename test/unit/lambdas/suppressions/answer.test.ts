import { beforeEach, describe, expect, test } from 'vitest';
import type { TenantId } from '#shared/core/model/names.ts';
import { answer } from '../../../../lambdas/suppressions/answer.ts';
import { MemoryAnswerStore } from '../../../fakes/answer-store.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { MemorySuppressionStore } from '../../../fakes/suppression-store.ts';
import { givenEvent, type Asked } from '../../api/given-event.ts';

const now = '2026-11-20T10:00:00.000Z';
const tenant = givenTenant();
let suppressions: MemorySuppressionStore;
let budgets: ReturnType<typeof givenBudgets>['budgets'];
beforeEach(() => {
  suppressions = new MemorySuppressionStore();
  ({ budgets } = givenBudgets({ now: () => new Date(now) }));
});

async function ask(method: string, path: string, asked: Asked & { as?: TenantId } = {}) {
  const { as = tenant, ...rest } = asked;
  const event = givenEvent({ caller: { tenant: as, scopes: 'messages' }, ...rest, method, path });
  const answers = new MemoryAnswerStore();
  const ports = { answers, suppressions, budgets, clock: { now: () => new Date(now) } };
  const result = await answer(event, ports, (error) => {
    throw error;
  });
  return {
    status: result.statusCode,
    body: JSON.parse(result.body ?? '') as Record<string, unknown>,
  };
}
const add = (given: readonly object[], as?: TenantId) =>
  ask('POST', '/v1/suppressions', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ suppressions: given }),
    ...(as && { as }),
  });
const path = (address: string) => `/v1/suppressions/${encodeURIComponent(address)}`;

describe('a suppression list', () => {
  test('has what was put on it, in lower case, each once with its first reason', async () => {
    expect(
      await add([
        { address: 'Ann@Example.com', reason: 'complaint' },
        { address: 'ann@example.com' },
        { address: 'bob@bücher.example' },
      ]),
    ).toEqual({ status: 200, body: { added: 2, known: 0 } });
    expect(await add([{ address: 'ann@example.com', reason: 'bounce' }])).toEqual({
      status: 200,
      body: { added: 0, known: 1 },
    });
    const ann = {
      address: 'ann@example.com',
      reason: 'complaint',
      addedAt: now,
      message: null,
      detail: null,
    };
    expect(await ask('GET', path('ANN@example.com'))).toEqual({ status: 200, body: ann });
    const { body } = await ask('GET', '/v1/suppressions');
    expect(body['cursor']).toBeNull();
    expect(body['suppressions']).toHaveLength(2);
    expect(body['suppressions']).toContainEqual(ann);
    expect(body['suppressions']).toContainEqual({
      ...ann,
      address: 'bob@xn--bcher-kva.example',
      reason: 'manual',
    });
  });

  test('loses what is taken off it', async () => {
    await add([{ address: 'ann+x@example.com' }]);
    expect(await ask('DELETE', path('ann+x@example.com'))).toMatchObject({
      status: 200,
      body: { address: 'ann+x@example.com' },
    });
    for (const method of ['GET', 'DELETE']) {
      expect(await ask(method, path('ann+x@example.com'))).toMatchObject({
        status: 404,
        body: { code: 'not-found' },
      });
    }
  });

  test('is its tenant’s alone', async () => {
    await add([{ address: 'ann@example.com' }], givenTenant());
    expect((await ask('GET', '/v1/suppressions')).body['suppressions']).toEqual([]);
    expect((await ask('GET', path('ann@example.com'))).status).toBe(404);
    expect((await ask('DELETE', path('ann@example.com'))).status).toBe(404);
  });

  test.each(['no address', 'Ann <ann@example.com>', 'a@b.example, c@d.example', ''])(
    'takes none of a request with %j among its addresses',
    async (wrong) => {
      const refused = await add([{ address: 'ann@example.com' }, { address: wrong }]);
      expect(refused).toMatchObject({ status: 422, body: { code: 'recipients-refused' } });
      expect((await ask('GET', '/v1/suppressions')).body['suppressions']).toEqual([]);
    },
  );

  test('is exported page by page', async () => {
    const addresses = Array.from({ length: 25 }, (_, index) => `user${index}@example.com`);
    await add(addresses.map((address) => ({ address })));
    const exported: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = { limit: '10', ...(cursor === '' ? {} : { cursor }) };
      const { body } = await ask('GET', '/v1/suppressions', { query });
      for (const { address } of body['suppressions'] as { address: string }[])
        exported.push(address);
      cursor = body['cursor'] as string | null;
    }
    expect(exported.toSorted()).toEqual(addresses.toSorted());
  });

  test('grows by at most the day’s budget', async () => {
    ({ budgets } = givenBudgets({ now: () => new Date(now) }, { 'suppressions-day': 2 }));
    await add([{ address: 'a@example.com' }, { address: 'b@example.com' }]);
    expect(await add([{ address: 'c@example.com' }])).toMatchObject({
      status: 429,
      body: { code: 'budget-exceeded' },
    });
    expect((await ask('GET', path('c@example.com'))).status).toBe(404);
  });
});
