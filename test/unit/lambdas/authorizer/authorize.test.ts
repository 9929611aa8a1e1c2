import { describe, expect, test } from 'vitest';
import { apiKeyOf, apiKeyPrefix, hashApiKey } from '#shared/core/model/api-key.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import type { UserTokens } from '#shared/app/ports/user-tokens.ts';
import { authorize } from '../../../../lambdas/authorizer/authorize.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryTenantStore } from '../../../fakes/tenant-store.ts';

const now = '2026-11-20T10:00:00.000Z';

async function givenKey(scopes: ApiKey['scopes'] = ['domains', 'messages']) {
  const tenants = new MemoryTenantStore();
  const tenant = givenTenant();
  const secret = apiKeyOf(new Uint8Array(32).fill(7));
  const key = {
    hash: hashApiKey(secret),
    tenant,
    prefix: apiKeyPrefix(secret),
    scopes,
    createdAt: now,
  };
  await tenants.create({ id: tenant, name: 'Acme', createdAt: now }, key);
  return { tenants, tenant, secret, key };
}

const nobody: UserTokens = { userOf: async () => undefined };
const inGroups = (...groups: string[]): UserTokens => ({
  userOf: async () => ({ id: 'ann', groups }),
});
const removed = { has: async (id: string) => id === 'gone' };

describe('authorize', () => {
  test('a key speaks for its tenant, with its scopes, in any case of "Bearer"', async () => {
    const { tenants, tenant, secret } = await givenKey();
    for (const scheme of ['Bearer', 'bearer', 'BEARER ']) {
      expect(await authorize(`${scheme} ${secret}`, { tenants, users: nobody, removed })).toEqual({
        tenant,
        scopes: 'domains messages',
      });
    }
  });

  test('a key with one scope has no other', async () => {
    const { tenants, secret } = await givenKey(['messages']);
    expect((await authorize(`Bearer ${secret}`, { tenants, users: nobody, removed }))?.scopes).toBe(
      'messages',
    );
  });

  test('a revoked key speaks for no tenant', async () => {
    const { tenants, secret, key } = await givenKey();
    await tenants.revoke(key.hash, now);
    expect(
      await authorize(`Bearer ${secret}`, { tenants, users: nobody, removed }),
    ).toBeUndefined();
  });

  test('an unknown key, and what is no key, speak for no tenant', async () => {
    const { tenants, secret } = await givenKey();
    const others = [
      undefined,
      '',
      secret,
      'Bearer',
      'Bearer ',
      `Basic ${secret}`,
      `Bearer ${secret} ${secret}`,
      `Bearer ${secret.toUpperCase()}`,
      `Bearer ${apiKeyOf(new Uint8Array(32).fill(8))}`,
      `Bearer ${'a'.repeat(100_000)}`,
    ];
    for (const other of others)
      expect(await authorize(other, { tenants, users: nobody, removed })).toBeUndefined();
  });

  test('the table is not asked for what has not the form of a key', async () => {
    const asked: string[] = [];
    const keyByHash = async (hash: string) => {
      asked.push(hash);
      return undefined;
    };
    await authorize('Bearer nonsense', { tenants: { keyByHash }, users: nobody, removed });
    expect(asked).toEqual([]);
  });

  test('a table that does not answer is an error, not a yes or no', async () => {
    const { secret } = await givenKey();
    const down = { keyByHash: () => Promise.reject(new Error('down')) };
    await expect(
      authorize(`Bearer ${secret}`, { tenants: down, users: nobody, removed }),
    ).rejects.toThrow('down');
  });
});

describe("a user's access token", () => {
  const tenants = { keyByHash: () => Promise.reject(new Error('asked for a key')) };
  const token = 'Bearer aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl';

  test('speaks for the tenant that the group is named after, with every scope', async () => {
    const tenant = givenTenant();
    expect(await authorize(token, { tenants, users: inGroups('admins', tenant), removed })).toEqual(
      {
        tenant,
        scopes: 'domains messages keys users',
        user: 'ann',
      },
    );
  });

  test('of a user in no group of a tenant, or in those of two, speaks for no tenant', async () => {
    for (const groups of [[], ['admins'], [givenTenant(), givenTenant()]]) {
      expect(
        await authorize(token, { tenants, users: inGroups(...groups), removed }),
      ).toBeUndefined();
    }
  });

  test('of a user who was removed speaks for no tenant, though it has not ended', async () => {
    const users = { userOf: async () => ({ id: 'gone', groups: [givenTenant()] }) };
    expect(await authorize(token, { tenants, users, removed })).toBeUndefined();
  });

  test('that is refused speaks for no tenant', async () => {
    expect(await authorize(token, { tenants, users: nobody, removed })).toBeUndefined();
  });

  test('that cannot be verified just now is an error, not a yes or no', async () => {
    const down = { userOf: () => Promise.reject(new Error('no keys')) };
    await expect(authorize(token, { tenants, users: down, removed })).rejects.toThrow('no keys');
  });
});
