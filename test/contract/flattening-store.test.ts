import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoFlatteningStore } from '#shared/adapters/aws/flattening-store.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { FlatteningStore } from '#shared/app/ports/flattening-store.ts';
import { MemoryFlatteningStore } from '../fakes/flattening-store.ts';
import { givenClaim } from '../fakes/given-claim.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<
  string,
  () => Promise<{ store: FlatteningStore; close: () => Promise<void> }>
> = {
  'in memory': async () => ({ store: new MemoryFlatteningStore(), close: async () => {} }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      store: dynamoFlatteningStore(dynamo.client, dynamo.tables.flattenings),
      close: () => dynamo.close(),
    };
  },
};

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString();
const of = (include: string, minute = 0) => {
  const { tenant, domain, label } = givenClaim();
  return { tenant, domain, label, include, now: at(minute) };
};

describe.each(Object.entries(adapters))('FlatteningStore %s', (_name, start) => {
  let store: FlatteningStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ store, close } = await start());
  });
  afterAll(() => close());

  const due = async (minute: number, limit: number) =>
    (await store.due(at(minute), limit)).map(({ include }) => include);

  test('an include is due at once when it begins, and nothing is known of it', async () => {
    const { now, ...key } = of('include:a.test');
    await store.begin({ ...key, now });
    expect(await store.of(key.label)).toEqual([{ ...key, revision: 1, begunAt: now, dueAt: now }]);
    await store.forget(key.label, key.include);
    expect(await store.of(key.label)).toEqual([]);
  });

  test('what was seen is kept, and gone when it is not said again', async () => {
    const { now, ...key } = of('include:a.test');
    await store.begin({ ...key, now });
    const candidate = { addresses: ['ip4:192.0.2.1'], since: now };
    const item = { ...key, begunAt: now, dueAt: at(5) };
    await store.put({ ...item, revision: 2, candidate, failure: { detail: 'x', since: now } });
    expect(await store.of(key.label)).toMatchObject([{ candidate, failure: { detail: 'x' } }]);
    await store.put({ ...item, revision: 3 });
    expect(await store.of(key.label)).toEqual([{ ...item, revision: 3 }]);
    await store.forget(key.label, key.include);
  });

  test('two writers on one revision: the second is refused, as is one of what is gone', async () => {
    const { now, ...key } = of('include:a.test');
    await store.begin({ ...key, now });
    const item = { ...key, begunAt: now, dueAt: at(5), revision: 2 };
    await store.put(item);
    await expect(store.put(item)).rejects.toThrow(Conflict);
    await store.forget(key.label, key.include);
    await expect(store.put({ ...item, revision: 3 })).rejects.toThrow(Conflict);
  });

  test('what is due comes with the longest due first, bounded', async () => {
    const items = [of('include:c.test', 30), of('include:a.test', 10), of('include:b.test', 20)];
    for (const item of items) await store.begin(item);
    expect(await due(9, 10)).toEqual([]);
    expect(await due(20, 10)).toEqual(['include:a.test', 'include:b.test']);
    expect(await due(40, 2)).toEqual(['include:a.test', 'include:b.test']);
    expect(await due(40, 10)).toEqual(['include:a.test', 'include:b.test', 'include:c.test']);
  });
});
