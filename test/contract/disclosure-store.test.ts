import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { dynamoDisclosureStore } from '#shared/adapters/aws/disclosure-store.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { keysToDisclose, type WaitingKey } from '#shared/core/model/disclosure.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { keysGone, type KeyRing } from '#shared/core/model/key-ring.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { DisclosureStore } from '#shared/app/ports/disclosure-store.ts';
import { MemoryClaimStore } from '../fakes/claim-store.ts';
import { givenClaim } from '../fakes/given-claim.ts';
import { startDynamo } from '../support/dynamo.ts';

interface Stores {
  readonly claims: ClaimStore;
  readonly store: DisclosureStore;
  readonly close: () => Promise<void>;
}

const adapters: Record<string, () => Promise<Stores>> = {
  'in memory': async () => {
    const claims = new MemoryClaimStore();
    return { claims, store: claims.disclosures, close: async () => {} };
  },
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    const { client, tables } = dynamo;
    return {
      claims: dynamoClaimStore(client, tables.claims, dynamo.trail, tables.disclosures),
      store: dynamoDisclosureStore(client, tables),
      close: () => dynamo.close(),
    };
  },
};

const limits = { pendingPerTenant: 500, claimsPerShard: 1000 };
const on = (day: number) => new Date(Date.UTC(2026, 10, day, 10)).toISOString();
const domains = Array.from({ length: 20 }, (_, index) => `d${index}.example.org` as DomainName);

const disclosedOf = ({ id, label }: WaitingKey) => ({
  id,
  label,
  privateKey: 'PEM',
  disclosedAt: on(20),
});

describe.each(Object.entries(adapters))('DisclosureStore %s', (_name, start) => {
  let claims: ClaimStore;
  let store: DisclosureStore;
  let close: () => Promise<void>;
  let next = 0;
  beforeAll(async () => {
    ({ claims, store, close } = await start());
  });
  afterAll(() => close());

  /** A claim whose first key has just left its ring. */
  const givenRetired = async (day: number): Promise<{ claim: Claim; key: WaitingKey }> => {
    const made = givenClaim({
      domain: domains[(next += 1)]!,
      disclosure: { consentedAt: on(1) },
    });
    const [zero, one, two] = made.keys;
    const keys: KeyRing = [{ ...zero, lastSignedAt: on(1) }, one, two];
    const before = { ...made, keys };
    await claims.create(before, limits);
    const after: KeyRing = [{ ...givenClaim().keys[0], selector: zero.selector }, one, two];
    const claim = { ...before, version: 2, keys: after };
    const gone = keysGone(keys, after, on(day));
    const toDisclose = keysToDisclose(before, after, on(day));
    await claims.changeKeys(before, claim, gone, toDisclose);
    return { claim, key: toDisclose[0]! };
  };
  const dueIds = async (day: number) =>
    (await store.due(on(day), { limit: 100 })).keys.map(({ id }) => id);
  const drop = async (...keys: readonly WaitingKey[]) => {
    for (const { label } of keys) {
      for (const key of (await store.of(label)).waiting) await store.forget(key);
    }
  };
  test('a key that left its ring waits with its wrapped half, due at once; the history has it without', async () => {
    const { claim, key } = await givenRetired(2);
    expect(await store.of(claim.label)).toEqual({ waiting: [key], disclosed: [] });
    expect(key.wrappedPrivateKey).toBe(Buffer.from('wrapped zero').toString('base64'));
    expect(await dueIds(1)).toEqual([]);
    expect(await dueIds(2)).toEqual([key.id]);
    expect(JSON.stringify(await claims.pastKeys(claim.label))).not.toContain('wrappedPrivateKey');
    await drop(key);
  });

  test('where the claim was changed meanwhile, nothing is kept', async () => {
    const { claim, key } = await givenRetired(2);
    await drop(key);
    const stale = { ...claim, version: 1 };
    await expect(claims.changeKeys(stale, claim, [], [key])).rejects.toThrow(Conflict);
    expect(await store.of(claim.label)).toEqual({ waiting: [], disclosed: [] });
  });

  test('the longest due come first, page by page, and those postponed do not come', async () => {
    const keys = [];
    for (const day of [5, 3, 4, 9]) keys.push((await givenRetired(day)).key);
    const [five, three, four] = keys as [WaitingKey, WaitingKey, WaitingKey];
    const first = await store.due(on(6), { limit: 2 });
    expect(first.keys.map(({ id }) => id)).toEqual([three.id, four.id]);
    const second = await store.due(on(6), { limit: 2, cursor: first.cursor! });
    expect(second.keys.map(({ id }) => id)).toEqual([five.id]);
    await store.put({ ...three, revision: 2, dueAt: on(12), goneSince: on(5) });
    expect(await dueIds(6)).toEqual([four.id, five.id]);
    expect((await store.of(three.label)).waiting).toMatchObject([{ goneSince: on(5) }]);
    await drop(...keys);
  });

  test('two writers on one revision: the second is refused, in every operation', async () => {
    const { claim, key } = await givenRetired(2);
    const later = { ...key, revision: 2, dueAt: on(3) };
    await store.put(later);
    await expect(store.put(later)).rejects.toThrow(Conflict);
    await expect(store.forget(key)).rejects.toThrow(Conflict);
    await expect(store.publish(key, disclosedOf(key), claim)).rejects.toThrow(Conflict);
    expect(await store.of(claim.label)).toEqual({ waiting: [later], disclosed: [] });
    await store.forget(later);
    await expect(store.forget(later)).rejects.toThrow(Conflict);
    await expect(store.put({ ...later, revision: 3 })).rejects.toThrow(Conflict);
  });

  test('what is published replaces the wrapped half, and is due no more', async () => {
    const { claim, key } = await givenRetired(2);
    await store.publish(key, disclosedOf(key), claim);
    expect(await store.of(claim.label)).toEqual({ waiting: [], disclosed: [disclosedOf(key)] });
    expect(await dueIds(30)).toEqual([]);
    await expect(store.publish(key, disclosedOf(key), claim)).rejects.toThrow(Conflict);
    await expect(store.forget(key)).rejects.toThrow(Conflict);
  });

  test('nothing is published once the claim was changed: the consent may have been withdrawn', async () => {
    const { claim, key } = await givenRetired(2);
    const { disclosure: _, ...withdrawn } = claim;
    await claims.update(claim, { ...withdrawn, version: 3 });
    await expect(store.publish(key, disclosedOf(key), claim)).rejects.toThrow(Conflict);
    expect(await store.of(claim.label)).toEqual({ waiting: [key], disclosed: [] });
    await drop(key);
  });
});

test('where the deployment discloses nothing, the private half is not kept', async () => {
  const dynamo = await startDynamo();
  const { client, tables } = dynamo;
  try {
    const claims = dynamoClaimStore(client, tables.claims, dynamo.trail);
    const before = givenClaim({ disclosure: { consentedAt: on(1) } });
    await claims.create(before, limits);
    const [zero, one, two] = before.keys;
    const after: KeyRing = [{ ...givenClaim().keys[0], selector: zero.selector }, one, two];
    const signed = { ...before, keys: [{ ...zero, lastSignedAt: on(1) }, one, two] as KeyRing };
    const toDisclose = keysToDisclose(signed, after, on(2));
    expect(toDisclose).toHaveLength(1);
    const next = { ...before, version: 2, keys: after };
    await claims.changeKeys(before, next, keysGone(before.keys, after, on(2)), toDisclose);
    const store = dynamoDisclosureStore(client, tables);
    expect(await store.of(before.label)).toEqual({ waiting: [], disclosed: [] });
  } finally {
    await dynamo.close();
  }
});
