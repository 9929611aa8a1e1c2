import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import {
  deletedClaim,
  newClaim,
  reclaimed,
  restoredClaim,
  type Claim,
} from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { keysGone, noKeys } from '#shared/core/model/key-ring.ts';
import type { DomainName, Label, ShardName, TenantId } from '#shared/core/model/names.ts';
import { ShardFull, type ClaimStore } from '#shared/app/ports/claim-store.ts';
import { MemoryClaimStore } from '../fakes/claim-store.ts';
import { givenClaim, givenTenant } from '../fakes/given-claim.ts';
import { startDynamo } from '../support/dynamo.ts';

const limits = { pendingPerTenant: 50, claimsPerShard: 1000 };
const now = '2026-11-20T10:00:00.000Z';
let domains = 0;
const givenDomain = (suffix = 'example.org') => `d${(domains += 1)}.${suffix}` as DomainName;

const next = (claim: Claim, changes: Partial<Claim>): Claim => ({
  ...claim,
  version: claim.version + 1,
  ...changes,
});
const verified = (claim: Claim) =>
  next(claim, { status: 'verified', statusSince: now, verifiedAt: now });
const rotated = (claim: Claim, at: string) => {
  const [zero, one, two] = claim.keys;
  const fresh = { ...givenClaim().keys[0], selector: zero.selector };
  const keys = [fresh, one, two] as Claim['keys'];
  return { next: next(claim, { keys }), gone: keysGone(claim.keys, keys, at) };
};
const retiredOf = (claim: Claim) => next(claim, { lifecycle: 'tombstone' });

function contract(make: () => ClaimStore) {
  let store: ClaimStore;
  beforeEach(() => {
    store = make();
  });
  const created = async (changes: Partial<Claim> = {}) => {
    const claim = givenClaim({ domain: givenDomain(), ...changes });
    await store.create(claim, limits);
    return claim;
  };

  describe('create', () => {
    test('the claim is read back as it was made, by its key and by its label', async () => {
      const claim = await created({ dmarc: undefined });
      expect(await store.get(claim)).toEqual(claim);
      expect(await store.getByLabel(claim.label)).toEqual(claim);
      expect(await store.holder(claim.domain)).toBeUndefined();
    });

    test('a parked claim has no keys, and needs no SES identity, but its domain was claimed', async () => {
      const claim = await created({ purpose: 'parked', keys: noKeys });
      expect(await store.get(claim)).toEqual(claim);
      expect(await store.hasClaims(claim.domain)).toBe(false);
      expect(await store.everClaimedAround(claim.domain)).toBe(true);
      const sending = await created({ domain: claim.domain });
      expect(await store.hasClaims(claim.domain)).toBe(true);
      await store.retire(claim, retiredOf(claim));
      expect(await store.hasClaims(claim.domain)).toBe(true);
      expect(await store.getByLabel(claim.label)).toMatchObject({ purpose: 'parked', keys: [] });
      expect(await store.retire(sending, retiredOf(sending))).toEqual({ lastOfDomain: true });
    });

    test('several tenants claim one domain, one tenant only once', async () => {
      const claim = await created();
      const rival = await created({ domain: claim.domain });
      const again = givenClaim({ tenant: claim.tenant, domain: claim.domain });
      await expect(store.create(again, limits)).rejects.toMatchObject({
        code: 'domain-already-claimed',
      });
      expect(await store.get(claim)).toEqual(claim);
      expect(await store.get(rival)).toEqual(rival);
      expect(await store.getByLabel(again.label)).toBeUndefined();
    });

    test('of ten at once by one tenant, one is made', async () => {
      const { tenant, domain } = givenClaim({ domain: givenDomain() });
      const tries = await Promise.allSettled(
        Array.from({ length: 10 }, () => store.create(givenClaim({ tenant, domain }), limits)),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('no label serves twice', async () => {
      const claim = await created();
      await expect(
        store.create(givenClaim({ domain: givenDomain(), label: claim.label }), limits),
      ).rejects.toBeInstanceOf(Conflict);
      expect(await store.getByLabel(claim.label)).toEqual(claim);
    });

    test('pending claims are limited for each tenant, also at once', async () => {
      const tenant = givenTenant();
      const tries = await Promise.allSettled(
        Array.from({ length: 8 }, () =>
          store.create(givenClaim({ tenant, domain: givenDomain() }), {
            ...limits,
            pendingPerTenant: 5,
          }),
        ),
      );
      const refused = tries
        .filter((one) => one.status === 'rejected')
        .map((one) => one.reason as unknown);
      expect(refused).toHaveLength(3);
      for (const reason of refused)
        expect(reason).toMatchObject({ code: 'too-many-pending-claims' });
      expect((await store.list(tenant, { limit: 100 })).claims).toHaveLength(5);
      expect(await store.pendingCount(tenant)).toBe(5);
      await created({ tenant: givenTenant() });
    });

    test('a full shard takes no more, and the counts say so', async () => {
      const shard = `s${domains}.full.example.net` as ShardName;
      const small = { ...limits, claimsPerShard: 2 };
      for (let count = 0; count < 2; count += 1) {
        await store.create(givenClaim({ domain: givenDomain(), shard }), small);
      }
      const third = givenClaim({ domain: givenDomain(), shard });
      await expect(store.create(third, small)).rejects.toBeInstanceOf(ShardFull);
      expect(await store.get(third)).toBeUndefined();
      const empty = 's9.full.example.net' as ShardName;
      expect(await store.shardCounts([shard, empty])).toEqual(
        new Map([
          [shard, 2],
          [empty, 0],
        ]),
      );
    });

    test('an Idempotency-Key names one domain of one tenant', async () => {
      const idempotencyKey = 'ab'.repeat(32);
      const claim = await created({ idempotencyKey });
      expect(await store.domainOfRequest(claim.tenant, idempotencyKey)).toBe(claim.domain);
      expect(await store.domainOfRequest(givenTenant(), idempotencyKey)).toBeUndefined();
      const other = givenClaim({ tenant: claim.tenant, domain: givenDomain(), idempotencyKey });
      await expect(store.create(other, limits)).rejects.toMatchObject({
        code: 'idempotency-key-reused',
      });
      await created({ idempotencyKey });
    });
  });

  describe('update', () => {
    test('writes where the claim is as it was read, else conflicts', async () => {
      const claim = await created();
      const changed = next(claim, { seenAt: now });
      await store.update(claim, changed);
      expect(await store.get(claim)).toEqual(changed);
      await expect(store.update(claim, next(claim, {}))).rejects.toBeInstanceOf(Conflict);
      expect(await store.get(claim)).toEqual(changed);
    });

    test('never makes a claim that is not there', async () => {
      const claim = givenClaim({ domain: givenDomain() });
      await expect(store.update(claim, next(claim, {}))).rejects.toBeInstanceOf(Conflict);
      expect(await store.get(claim)).toBeUndefined();
    });

    test('of two at once, one conflicts', async () => {
      const claim = await created();
      const tries = await Promise.allSettled([
        store.update(claim, next(claim, { seenAt: 'a' })),
        store.update(claim, next(claim, { seenAt: 'b' })),
      ]);
      expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    test('a field that is dropped is gone', async () => {
      const claim = await created({ seenAt: now });
      const { seenAt: _, ...rest } = next(claim, {});
      await store.update(claim, rest);
      expect(await store.get(claim)).not.toHaveProperty('seenAt');
    });

    test('leaving pending makes room for another pending claim, coming back takes it', async () => {
      const one = { ...limits, pendingPerTenant: 1 };
      const tenant = givenTenant();
      const first = givenClaim({ tenant, domain: givenDomain() });
      await store.create(first, one);
      const proven = next(first, { status: 'verified', verifiedAt: now });
      await store.hold(first, proven, now);
      const deleted = deletedClaim(proven, now);
      await store.release(proven, deleted);
      await store.create(givenClaim({ tenant, domain: givenDomain() }), one);
      await expect(store.update(deleted, restoredClaim(deleted, now), one)).rejects.toMatchObject({
        code: 'too-many-pending-claims',
      });
      expect(await store.get(first)).toEqual(deleted);
      await store.update(deleted, restoredClaim(deleted, now), { pendingPerTenant: 2 });
      expect((await store.get(first))?.lifecycle).toBe('live');
      expect(await store.pendingCount(tenant)).toBe(2);
    });

    test('a pending claim that is deleted keeps its place until it is retired', async () => {
      const one = { ...limits, pendingPerTenant: 1 };
      const tenant = givenTenant();
      const first = givenClaim({ tenant, domain: givenDomain() });
      await store.create(first, one);
      const deleted = deletedClaim(first, now);
      await store.release(first, deleted);
      const second = givenClaim({ tenant, domain: givenDomain() });
      await expect(store.create(second, one)).rejects.toMatchObject({
        code: 'too-many-pending-claims',
        budget: 'pending-claims',
      });
      const restored = restoredClaim(deleted, now);
      await store.update(deleted, restored, one);
      const again = deletedClaim(restored, now);
      await store.release(restored, again);
      expect(await store.get(first)).toEqual(again);
      await store.retire(again, next(again, { lifecycle: 'expired' }));
      await store.create(second, one);
      expect(await store.pendingCount(tenant)).toBe(1);
    });

    test('one that an earlier release deleted gave its place back then', async () => {
      const tenant = givenTenant();
      const claim = givenClaim({ tenant, domain: givenDomain() });
      await store.create(claim, limits);
      const { pendingWhileDeleting: _, ...deleted } = deletedClaim(claim, now);
      await store.release(claim, deleted);
      expect(await store.pendingCount(tenant)).toBe(0);
      await store.retire(deleted, next(deleted, { lifecycle: 'expired' }));
      expect(await store.pendingCount(tenant)).toBe(0);
    });

    test('a new idempotency key takes the place of the old one', async () => {
      const claim = await created({ idempotencyKey: 'old' });
      await store.update(claim, next(claim, { idempotencyKey: 'new' }));
      expect(await store.domainOfRequest(claim.tenant, 'new')).toBe(claim.domain);
      expect(await store.domainOfRequest(claim.tenant, 'old')).toBeUndefined();
      const other = await created({ tenant: claim.tenant });
      await expect(
        store.update(other, next(other, { idempotencyKey: 'new' })),
      ).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    });
  });

  describe('changeKeys', () => {
    test('writes the claim and, with it, the keys that left into the history of its label', async () => {
      const first = await created();
      const second = rotated(first, '2026-11-01T03:00:00.000Z');
      await store.changeKeys(first, second.next, second.gone);
      const third = rotated(second.next, now);
      await store.changeKeys(second.next, third.next, third.gone);
      expect(await store.get(first)).toEqual(third.next);
      const past = await store.pastKeys(first.label);
      expect(past).toHaveLength(2);
      expect(past).toEqual(expect.arrayContaining([...second.gone, ...third.gone]));
      expect(JSON.stringify(past)).not.toContain('wrappedPrivateKey');
      expect(await store.pastKeys(givenClaim().label)).toEqual([]);
    });

    test('of two at once, one conflicts and leaves nothing in the history', async () => {
      const claim = await created();
      const tries = [rotated(claim, now), rotated(claim, now)];
      const outcomes = await Promise.allSettled(
        tries.map((each) => store.changeKeys(claim, each.next, each.gone)),
      );
      const failed = outcomes.filter(({ status }) => status === 'rejected');
      expect(failed).toHaveLength(1);
      expect((failed[0] as PromiseRejectedResult).reason).toBeInstanceOf(Conflict);
      expect(await store.pastKeys(claim.label)).toHaveLength(1);
    });

    test('the history outlives the claim', async () => {
      const claim = await created();
      const second = rotated(claim, now);
      await store.changeKeys(claim, second.next, second.gone);
      const deleted = deletedClaim(second.next, now);
      await store.release(second.next, deleted);
      await store.retire(deleted, retiredOf(deleted));
      expect(await store.pastKeys(claim.label)).toEqual(second.gone);
    });
  });

  describe('hold', () => {
    test('the first proof makes the holder', async () => {
      const claim = await created();
      await store.hold(claim, verified(claim), now);
      const holder = { domain: claim.domain, tenant: claim.tenant, label: claim.label, since: now };
      expect(await store.holder(claim.domain)).toEqual(holder);
      expect(await store.getHeld([claim])).toEqual([{ claim: verified(claim), holder }]);
    });

    test("a rival's proof moves the holder and makes the former one's claim lost", async () => {
      const claim = await created();
      const rival = await created({ domain: claim.domain });
      await store.hold(claim, verified(claim), '2026-11-02T00:00:00.000Z');
      await store.hold(rival, verified(rival), now);
      expect(await store.holder(claim.domain)).toMatchObject({ label: rival.label, since: now });
      expect(await store.get(claim)).toMatchObject({
        status: 'lost',
        statusSince: now,
        version: 3,
      });
    });

    test('the present holder proving again keeps its since', async () => {
      const claim = await created();
      await store.hold(claim, verified(claim), '2026-11-02T00:00:00.000Z');
      const again = next(verified(claim), { status: 'at-risk' });
      await store.hold(verified(claim), again, now);
      expect(await store.holder(claim.domain)).toMatchObject({ since: '2026-11-02T00:00:00.000Z' });
      expect(await store.get(claim)).toEqual(again);
    });

    test('a stale proof changes nothing', async () => {
      const claim = await created();
      await store.update(claim, deletedClaim(claim, now));
      await expect(store.hold(claim, verified(claim), now)).rejects.toBeInstanceOf(Conflict);
      expect(await store.holder(claim.domain)).toBeUndefined();
    });

    test('of rivals that prove at once, one holds and no other is verified', async () => {
      const domain = givenDomain();
      const rivals: Claim[] = [];
      for (let index = 0; index < 5; index += 1) rivals.push(await created({ domain }));
      await Promise.allSettled(rivals.map((rival) => store.hold(rival, verified(rival), now)));
      const holder = await store.holder(domain);
      const claims = (await store.getHeld(rivals)).map(({ claim }) => claim!);
      const valid = claims.filter(({ status }) => status === 'verified');
      expect(valid.map(({ label }) => label)).toEqual([holder?.label]);
    });

    test('room is made for pending claims', async () => {
      const claim = await created();
      await store.hold(claim, verified(claim), now);
      const another = givenClaim({ tenant: claim.tenant, domain: givenDomain() });
      await store.create(another, { ...limits, pendingPerTenant: 1 });
      expect(await store.get(another)).toEqual(another);
    });
  });

  describe('release and retire', () => {
    test('a deleted claim holds nothing; a rival that does is left alone', async () => {
      const claim = await created();
      const rival = await created({ domain: claim.domain });
      await store.hold(claim, verified(claim), now);
      await store.release(rival, deletedClaim(rival, now));
      expect(await store.holder(claim.domain)).toMatchObject({ label: claim.label });
      const deleted = deletedClaim(verified(claim), now);
      await store.release(verified(claim), deleted);
      expect(await store.holder(claim.domain)).toBeUndefined();
      expect(await store.get(claim)).toEqual(deleted);
      await expect(store.release(claim, deleted)).rejects.toBeInstanceOf(Conflict);
    });

    test('a retired claim lives on under its label only, and the domain can be claimed again', async () => {
      const claim = await created({ idempotencyKey: 'key' });
      const rival = await created({ domain: claim.domain });
      const retired = retiredOf(claim);
      expect(await store.retire(claim, retired)).toEqual({ lastOfDomain: false });
      expect(await store.get(claim)).toBeUndefined();
      expect(await store.getByLabel(claim.label)).toEqual(retired);
      expect(await store.domainOfRequest(claim.tenant, 'key')).toBeUndefined();
      const again = await created({ tenant: claim.tenant, domain: claim.domain });
      expect(await store.getByLabels([claim.label, again.label, 'a'.repeat(26) as Label])).toEqual(
        new Map([
          [claim.label, retired],
          [again.label, again],
        ]),
      );
      await expect(store.retire(claim, retired)).rejects.toBeInstanceOf(Conflict);
      expect(await store.retire(rival, retiredOf(rival))).toEqual({ lastOfDomain: false });
      expect(await store.hasClaims(claim.domain)).toBe(true);
      expect(await store.retire(again, retiredOf(again))).toEqual({ lastOfDomain: true });
      expect(await store.hasClaims(claim.domain)).toBe(false);
    });

    test('a stale version of a retired label does not overwrite the new claim', async () => {
      const claim = await created();
      await store.retire(claim, retiredOf(claim));
      const again = await created({ tenant: claim.tenant, domain: claim.domain });
      await expect(store.update(claim, next(claim, {}))).rejects.toBeInstanceOf(Conflict);
      expect(await store.get(claim)).toEqual(again);
    });

    test('retiring the holder frees the domain', async () => {
      const claim = await created();
      await store.hold(claim, verified(claim), now);
      await store.retire(verified(claim), retiredOf(verified(claim)));
      expect(await store.holder(claim.domain)).toBeUndefined();
    });

    test('a retired claim goes on counting in its shard, an expired claim does not', async () => {
      const shard = `s${(domains += 1)}.bury.example.net` as ShardName;
      const kept = await created({ shard });
      const gone = await created({ shard });
      await store.retire(kept, retiredOf(kept));
      await store.retire(gone, next(gone, { lifecycle: 'expired' }));
      expect((await store.shardCounts([shard])).get(shard)).toBe(1);
    });

    test('the label of one that expired unproven is its tenant’s to have again, once', async () => {
      const shard = `s${(domains += 1)}.again.example.net` as ShardName;
      const claim = await created({ shard });
      const rival = await created({ domain: claim.domain });
      expect(await store.reclaimable(claim)).toBeUndefined();
      const retired = next(claim, { lifecycle: 'expired', expiredAt: now });
      await store.retire(claim, retired);
      expect(await store.reclaimable(claim)).toEqual(retired);
      expect(await store.reclaimable(rival)).toBeUndefined();
      expect(await store.reclaimable({ ...claim, tenant: givenTenant() })).toBeUndefined();
      const birth = { tenant: claim.tenant, domain: claim.domain, dmarc: undefined };
      const again = reclaimed(retired, { ...birth, createdAt: now });
      // Not without the claim that it is of, nor by another tenant.
      await expect(store.create(again, limits)).rejects.toThrow(Conflict);
      const foreign = { ...retired, tenant: givenTenant() };
      const stolen = { ...again, tenant: foreign.tenant };
      await expect(store.create(stolen, limits, foreign)).rejects.toThrow(Conflict);
      await store.create(again, limits, retired);
      expect(await store.get(claim)).toEqual(again);
      expect(await store.getByLabel(claim.label)).toEqual(again);
      expect(await store.reclaimable(claim)).toBeUndefined();
      expect((await store.shardCounts([shard])).get(shard)).toBe(1);
      // It is live now: nobody has it a second time.
      const later = { ...again, domain: givenDomain() };
      await expect(store.create(later, limits, retired)).rejects.toThrow(Conflict);
      const second = next(again, { lifecycle: 'expired' });
      await store.retire(again, second);
      expect(await store.reclaimable(claim)).toEqual(second);
    });

    test.each<[string, Partial<Claim>]>([
      ['was proven once', { lifecycle: 'expired', verifiedAt: now }],
      ['was seen in DNS', { lifecycle: 'expired', seenAt: now }],
      ['was deleted', { lifecycle: 'expired', deletedAt: now }],
      ['stays published', { lifecycle: 'tombstone' }],
    ])('the label of one that %s is nobody’s any more', async (_what, changes) => {
      const claim = await created();
      await store.retire(claim, next(claim, changes));
      expect(await store.reclaimable(claim)).toBeUndefined();
    });

    test('an expired pending claim makes room for another', async () => {
      const tenant = givenTenant();
      const one = { ...limits, pendingPerTenant: 1 };
      const claim = givenClaim({ tenant, domain: givenDomain() });
      await store.create(claim, one);
      await store.retire(claim, next(claim, { lifecycle: 'expired' }));
      const another = givenClaim({ tenant, domain: givenDomain() });
      await store.create(another, one);
      expect(await store.get(another)).toEqual(another);
    });
  });

  describe('lists', () => {
    test("a tenant's claims come by name, each once, over pages of any size", async () => {
      const tenant = givenTenant();
      const made: string[] = [];
      for (let count = 0; count < 7; count += 1) made.push((await created({ tenant })).domain);
      await created();
      for (const limit of [1, 3, 7, 100]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.list(
            tenant,
            cursor === undefined ? { limit } : { limit, cursor },
          );
          expect(page.claims.length).toBeLessThanOrEqual(limit);
          expect(page.claims.length).toBeGreaterThan(0);
          seen.push(...page.claims.map(({ domain }) => domain));
          cursor = page.cursor;
        } while (cursor !== undefined);
        expect(seen).toEqual([...made].sort());
      }
    });

    test('a prefix picks the names that begin with it, over pages, and its cursor is its own', async () => {
      const tenant = givenTenant();
      const made: string[] = [];
      for (let count = 0; count < 6; count += 1) made.push((await created({ tenant })).domain);
      const [first] = made.toSorted() as [string];
      expect((await store.list(tenant, { limit: 5, prefix: first })).claims).toEqual([
        expect.objectContaining({ domain: first }),
      ]);
      expect((await store.list(tenant, { limit: 5, prefix: 'no-such-name' })).claims).toEqual([]);

      const common = made.reduce((shared, name) => {
        const differs = [...shared].findIndex((character, at) => character !== name[at]);
        return differs === -1 ? shared : shared.slice(0, differs);
      });
      const page = await store.list(tenant, { limit: 4, prefix: common });
      const rest = await store.list(tenant, { limit: 4, prefix: common, cursor: page.cursor! });
      expect([...page.claims, ...rest.claims].map(({ domain }) => domain)).toEqual(made.toSorted());
      await expect(
        store.list(tenant, { limit: 4, prefix: `${common}x`, cursor: page.cursor! }),
      ).rejects.toMatchObject({ code: 'invalid-cursor' });
    });

    test("a cursor that was changed, or another tenant's, is refused", async () => {
      const tenant = givenTenant();
      for (let count = 0; count < 2; count += 1) await created({ tenant });
      const { cursor } = await store.list(tenant, { limit: 1 });
      const listWith = (bad: string, as: TenantId = tenant) =>
        store.list(as, { limit: 1, cursor: bad });
      const refused = { code: 'invalid-cursor' };
      await expect(listWith(cursor!, givenTenant())).rejects.toMatchObject(refused);
      for (const bad of ['', 'x', `${cursor!}A`, cursor!.slice(1), '€', 'A'.repeat(5000)]) {
        await expect(listWith(bad)).rejects.toMatchObject(refused);
      }
      await expect(store.scan({ limit: 1, cursor: cursor! })).rejects.toMatchObject(refused);
    });

    test('a scan meets every claim, deleting ones too, and no retired one', async () => {
      const kept = await created();
      const deleting = await created();
      await store.release(deleting, deletedClaim(deleting, now));
      const retired = await created();
      await store.retire(retired, retiredOf(retired));
      const seen: Claim[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.scan(cursor === undefined ? { limit: 2 } : { limit: 2, cursor });
        seen.push(...page.claims);
        cursor = page.cursor;
      } while (cursor !== undefined);
      const labels = seen.map(({ label }) => label);
      expect(labels).toEqual(expect.arrayContaining([kept.label, deleting.label]));
      expect(labels).not.toContain(retired.label);
      expect(new Set(labels).size).toBe(labels.length);
    });
  });

  test('claims and holders of 50 keys, repeated and unknown ones too, come in the order asked', async () => {
    const claim = await created();
    await store.hold(claim, verified(claim), now);
    const keys = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0 ? claim : givenClaim({ domain: givenDomain() }),
    );
    const held = await store.getHeld(keys);
    expect(held).toHaveLength(50);
    expect(held.map((one) => one.claim?.label)).toEqual(
      keys.map((key) => (key === claim ? claim.label : undefined)),
    );
    expect(held[1]).toEqual({ claim: undefined, holder: undefined });
  });

  test('claims that host their keys themselves are found from their domain, of every tenant', async () => {
    const domain = givenDomain();
    const born = await created({ domain, hosting: 'self' });
    const changing = await created({ domain });
    await created({ domain: givenDomain(), hosting: 'self' });
    expect(await store.selfHosted(domain)).toEqual([born]);
    const changed = next(changing, { hosting: 'self' });
    await store.update(changing, changed);
    expect(await store.selfHosted(domain)).toEqual(expect.arrayContaining([born, changed]));
    await store.retire(born, retiredOf(born));
    expect(await store.selfHosted(domain)).toEqual([changed]);
    await store.update(changed, next(changed, { hosting: 'service' }));
    expect(await store.selfHosted(domain)).toEqual([]);
  });

  test('keeps what a customer said of sources; an earlier claim has none of it', async () => {
    const claim = await created();
    expect((await store.get(claim))?.sources).toBeUndefined();
    const sources = { confirmed: ['ses', '2001:db8::1'], ignored: ['esp.example'] };
    await store.update(claim, next(claim, { sources }));
    expect((await store.get(claim))?.sources).toEqual(sources);
  });

  test('a domain is around a claim at, above or below it, for ever', async () => {
    const claim = await created({ domain: givenDomain('mail.around.example') });
    await store.retire(claim, next(claim, { lifecycle: 'expired' }));
    const around = (name: string) => store.everClaimedAround(name as DomainName);
    expect(await around(claim.domain)).toBe(true);
    expect(await around('mail.around.example')).toBe(true);
    expect(await around('around.example')).toBe(true);
    expect(await around(`deep.below.${claim.domain}`)).toBe(true);
    expect(await around('beside.around.example')).toBe(false);
    expect(await around(`x${claim.domain}`)).toBe(false);
  });

  test('a claim of 32 labels is made in one transaction', async () => {
    const domain = [...Array.from({ length: 30 }, () => 'a'), 'deep', 'example'].join(
      '.',
    ) as DomainName;
    const { tenant, label, shard, keys, dmarc, createdAt } = givenClaim();
    await store.create(newClaim({ tenant, domain, label, shard, keys, dmarc, createdAt }), limits);
    expect(await store.everClaimedAround('a.deep.example' as DomainName)).toBe(true);
  });
}

describe('ClaimStore in memory', () => {
  contract(() => new MemoryClaimStore());
});

describe('ClaimStore on DynamoDB', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());
  contract(() => dynamoClaimStore(dynamo.client, dynamo.tables.claims, dynamo.trail));
});
