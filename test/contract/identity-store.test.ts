import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoIdentityStore } from '#shared/adapters/aws/identity-store.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { Identity, IdentityStore } from '#shared/app/ports/identities.ts';
import { MemoryIdentityStore } from '../fakes/identity-store.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<
  string,
  () => Promise<{ store: IdentityStore; close: () => Promise<void> }>
> = {
  'in memory': async () => ({ store: new MemoryIdentityStore(), close: async () => {} }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      store: dynamoIdentityStore(dynamo.client, dynamo.tables.identities),
      close: () => dynamo.close(),
    };
  },
};

const identity = (domain: string): Identity => ({
  domain: domain as DomainName,
  status: 'preparing',
  token: 'abc=',
  mailFrom: `bounces.${domain}`,
  requestedAt: '2026-11-01T00:00:00.000Z',
  polledAt: '2026-11-01T00:00:00.000Z',
});

describe.each(Object.entries(adapters))('IdentityStore %s', (_name, start) => {
  let store: IdentityStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ store, close } = await start());
  });
  afterAll(() => close());

  test('has no identity that was not put there', async () => {
    expect(await store.get('none.example' as DomainName)).toBeUndefined();
    expect(await store.getMany(['none.example' as DomainName])).toEqual(new Map());
    expect(await store.getMany([])).toEqual(new Map());
  });

  test('gives back what was put, and its latest state', async () => {
    const one = identity('one.example');
    await store.put(one);
    expect(await store.get(one.domain)).toEqual(one);
    await store.put({ ...one, status: 'ready' });
    expect(await store.get(one.domain)).toEqual({ ...one, status: 'ready' });
  });

  test('gives many at once, each by its domain, even where one is asked for twice', async () => {
    const many = Array.from({ length: 100 }, (_, index) => identity(`${index}.many.example`));
    for (const one of many) await store.put(one);
    const found = await store.getMany([...many.map(({ domain }) => domain), many[0]!.domain]);
    expect(found).toEqual(new Map(many.map((one) => [one.domain, one])));
  });

  test('an identity that was deleted is gone; deleting it again does nothing', async () => {
    const one = identity('gone.example');
    await store.put(one);
    await store.delete(one.domain);
    await store.delete(one.domain);
    expect(await store.get(one.domain)).toBeUndefined();
  });
});
