import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { TenantState } from '#shared/core/model/tenant-state.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import type { ApiKey, Tenant, TenantStore } from '#shared/app/ports/tenant-store.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryTenantStore } from '../fakes/tenant-store.ts';
import { startDynamo } from '../support/dynamo.ts';

let keys = 0;
const givenKey = (tenant: TenantId): ApiKey => ({
  hash: String((keys += 1)).padStart(64, '0'),
  tenant,
  prefix: `sd_${keys}`,
  scopes: ['domains', 'messages'],
  createdAt: '2026-11-01T00:00:00.000Z',
});

function contract(make: () => TenantStore) {
  let store: TenantStore;
  let tenant: Tenant;
  let key: ApiKey;
  beforeEach(async () => {
    store = make();
    const id = givenTenant();
    tenant = { id, name: `Acme ${id}`, createdAt: '2026-11-01T00:00:00.000Z' };
    key = givenKey(id);
    await store.create(tenant, key);
  });
  const keysOf = async (id: TenantId) =>
    (await store.list()).find((one) => one.tenant.id === id)?.keys;

  test('a new tenant has its one key, found by hash', async () => {
    expect(await store.keyByHash(key.hash)).toEqual(key);
    expect(await store.keyByHash('0'.repeat(64))).toBeUndefined();
    expect(await store.list()).toContainEqual({ tenant, keys: [key] });
  });

  test('no tenant and no key is made twice', async () => {
    await expect(store.create(tenant, givenKey(tenant.id))).rejects.toBeInstanceOf(Conflict);
    await expect(store.addKey(key)).rejects.toBeInstanceOf(Conflict);
    expect(await keysOf(tenant.id)).toEqual([key]);
  });

  test('a further key exists beside the first', async () => {
    const second: ApiKey = {
      ...givenKey(tenant.id),
      scopes: ['messages:send', 'audit:read'],
      strict: true,
      domains: ['example.com' as DomainName],
      addresses: ['192.0.2.0/24'],
      expiresAt: '2027-01-01T00:00:00.000Z',
      madeBy: { kind: 'key', id: key.hash },
    };
    await store.addKey(second);
    expect(await keysOf(tenant.id)).toEqual(expect.arrayContaining([key, second]));
    expect(await store.keysOf(tenant.id)).toEqual(await keysOf(tenant.id));
    expect(await store.keysOf(givenTenant())).toEqual([]);
    expect(await store.keyByHash(second.hash)).toEqual(second);
  });

  test('of many keys made at once as many stay as a tenant may have', async () => {
    const tries = Array.from({ length: 12 }, () => store.addKeyWithin(givenKey(tenant.id), 5));
    const made = (await Promise.allSettled(tries)).filter(
      (one) => one.status === 'fulfilled' && one.value,
    );
    const after = await store.keysOf(tenant.id);
    expect(after.length).toBeLessThanOrEqual(5);
    expect(after).toHaveLength(made.length + 1);
    for (let more = 0; more < 5; more += 1) await store.addKeyWithin(givenKey(tenant.id), 5);
    expect(await store.keysOf(tenant.id)).toHaveLength(5);
    expect(await store.addKeyWithin(givenKey(tenant.id), 5)).toBe(false);
    await store.revoke(key.hash, '2026-11-20T10:00:00.000Z');
    expect(await store.addKeyWithin(givenKey(tenant.id), 5)).toBe(true);
    expect((await store.list()).filter((one) => one.tenant.id === tenant.id)).toHaveLength(1);
  });

  test('a key for a tenant that is not there is refused', async () => {
    const stray = givenKey(givenTenant());
    await expect(store.addKey(stray)).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.keyByHash(stray.hash)).toBeUndefined();
  });

  test('a revoked key says since when, wherever it is read; revoking again changes nothing', async () => {
    expect(await store.revoke(key.hash, '2026-11-02T00:00:00.000Z')).toBe(true);
    expect(await store.revoke(key.hash, '2026-11-03T00:00:00.000Z')).toBe(true);
    const revoked = { ...key, revokedAt: '2026-11-02T00:00:00.000Z' };
    expect(await store.keyByHash(key.hash)).toEqual(revoked);
    expect(await keysOf(tenant.id)).toEqual([revoked]);
  });

  test('a tenant is active until its state is another, and a key of it works as before', async () => {
    expect(await store.stateOf(tenant.id)).toEqual({ status: 'active' });
    expect(await store.nameOf(tenant.id)).toBe(tenant.name);
    expect(await store.nameOf(givenTenant())).toBeUndefined();
    expect(await store.stateOf(givenTenant())).toBeUndefined();
    const suspended: TenantState = {
      status: 'suspended',
      since: '2026-11-03T00:00:00.000Z',
      reason: 'spam',
      refusedSuspensions: ['2026-11-02T00:00:00.000Z'],
    };
    await store.changeState(tenant, suspended);
    expect(await store.stateOf(tenant.id)).toEqual(suspended);
    expect(await store.list()).toContainEqual({
      tenant: { ...tenant, state: suspended },
      keys: [key],
    });
    expect(await store.keyByHash(key.hash)).toEqual(key);
  });

  test('a state is not written over another than the one that was read', async () => {
    const suspended: TenantState = { status: 'suspended', since: '2026-11-03T00:00:00.000Z' };
    const closed: TenantState = { status: 'closed', since: '2026-11-04T00:00:00.000Z' };
    await store.changeState(tenant, suspended);
    for (const stale of [tenant, { ...tenant, state: closed }]) {
      await expect(store.changeState(stale, closed)).rejects.toBeInstanceOf(Conflict);
    }
    await expect(
      store.changeState({ ...tenant, id: givenTenant() }, closed),
    ).rejects.toBeInstanceOf(Conflict);
    await store.changeState({ ...tenant, state: suspended }, closed);
    expect(await store.stateOf(tenant.id)).toEqual(closed);
  });

  test('revoking an unknown key says so', async () => {
    expect(await store.revoke('f'.repeat(64), '2026-11-02T00:00:00.000Z')).toBe(false);
  });
}

describe('TenantStore in memory', () => {
  contract(() => new MemoryTenantStore());
});

describe('TenantStore on DynamoDB', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());
  contract(() => dynamoTenantStore(dynamo.client, dynamo.tables.tenants, dynamo.trail));
});
