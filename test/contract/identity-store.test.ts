import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoIdentityStore } from '#shared/adapters/aws/identity-store.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import type { Identity, IdentityStore, IdentityView } from '#shared/app/ports/identities.ts';
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

const identity = (domain: string): Omit<Identity, 'version'> => ({
  domain: domain as DomainName,
  stage: 'made',
  madeBy: 'sender-domains',
  status: 'preparing',
  token: 'abc=',
  requestedAt: '2026-11-01T00:00:00.000Z',
  polledAt: '2026-11-01T00:00:00.000Z',
});
const labelOf = (text: string) => text.padEnd(26, 'a') as Label;
const view = (label: string): IdentityView => ({
  label: labelOf(label),
  status: 'preparing',
  token: 'abc=',
  hasMailFrom: false,
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
    const one = await store.put(identity('one.example'), undefined);
    expect(await store.get(one.domain)).toEqual(one);
    const next = await store.put({ ...one, status: 'ready', mailFrom: 'b.one.example' }, one);
    expect(await store.get(one.domain)).toEqual(next);
    expect(next).toMatchObject({ status: 'ready', version: one.version + 1 });
  });

  test('takes no write that follows another state than the stored one', async () => {
    const one = await store.put(identity('raced.example'), undefined);
    const next = await store.put({ ...one, status: 'ready' }, one);
    await expect(store.put(one, one)).rejects.toThrow(Conflict);
    await expect(store.put(one, undefined)).rejects.toThrow(Conflict);
    await expect(store.delete(one)).rejects.toThrow(Conflict);
    await expect(store.put(identity('absent.example'), one)).rejects.toThrow(Conflict);
    expect(await store.get(one.domain)).toEqual(next);
  });

  test('of writers at once, one comes first', async () => {
    const domain = 'first.example';
    const writes = await Promise.allSettled(
      Array.from({ length: 5 }, () => store.put(identity(domain), undefined)),
    );
    expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('gives many at once, each by its domain, even where one is asked for twice', async () => {
    const many: Identity[] = [];
    for (let index = 0; index < 100; index += 1) {
      many.push(await store.put(identity(`${index}.many.example`), undefined));
    }
    const found = await store.getMany([...many.map(({ domain }) => domain), many[0]!.domain]);
    expect(found).toEqual(new Map(many.map((one) => [one.domain, one])));
  });

  test('an identity that was deleted is gone', async () => {
    const one = await store.put(identity('gone.example'), undefined);
    await store.delete(one);
    expect(await store.get(one.domain)).toBeUndefined();
  });

  test('lists every identity, and nothing else', async () => {
    const one = await store.put(identity('listed.example'), undefined);
    await store.putView(view('listed'));
    await store.noteUsed(1);
    const all: Identity[] = [];
    for await (const page of store.all()) all.push(...page);
    expect(all).toContainEqual(one);
    expect(all.every(({ stage }) => stage === 'made')).toBe(true);
  });

  test('keeps the view of each claim, until it is deleted', async () => {
    const one = view('viewed');
    await store.putView(one);
    const held: IdentityView = {
      label: one.label,
      status: 'held',
      polledAt: one.polledAt,
      retryAt: '2026-11-01T00:15:00.000Z',
    };
    expect(await store.views([one.label, labelOf('unseen')])).toEqual(new Map([[one.label, one]]));
    await store.putView(held);
    expect(await store.views([one.label])).toEqual(new Map([[one.label, held]]));
    await store.deleteView(one.label);
    await store.deleteView(one.label);
    expect(await store.views([one.label])).toEqual(new Map());
  });

  test('knows how many identities the account has, once they were counted', async () => {
    const fresh = await start();
    await fresh.store.addUsed(1);
    expect(await fresh.store.used()).toBeUndefined();
    await fresh.store.noteUsed(41);
    await Promise.all([fresh.store.addUsed(3), fresh.store.addUsed(-2)]);
    expect(await fresh.store.used()).toBe(42);
    await fresh.close();
  });
});

describe('an identity as release 0.2 stored it', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());

  test('was made by this deployment, and is written on from there', async () => {
    const domain = 'before.example' as DomainName;
    const table = dynamo.tables.identities;
    const item = {
      domain,
      status: 'ready',
      token: 'k2Qh4mYx=',
      mailFrom: 'bounces.before.example',
      requestedAt: '2026-11-23T09:12:01.337Z',
      polledAt: '2026-11-29T04:00:12.002Z',
    };
    await dynamo.client.send(new PutCommand({ TableName: table, Item: item }));
    const store = dynamoIdentityStore(dynamo.client, table);
    const read = (await store.get(domain))!;
    expect(read).toEqual({ ...item, stage: 'made', version: 0 });
    await expect(store.put(identity(domain), undefined)).rejects.toThrow(Conflict);
    const written = await store.put({ ...read, status: 'failed' }, read);
    expect(await store.get(domain)).toEqual(written);
    await expect(store.put(read, read)).rejects.toThrow(Conflict);
  });
});
