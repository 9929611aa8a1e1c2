import { describe, expect, test } from 'vitest';
import { apiKeyOf, apiKeyPrefix, hashApiKey } from '#shared/core/model/api-key.ts';
import { allScopes, namesOf } from '#shared/core/model/scopes.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { activeState, type TenantState } from '#shared/core/model/tenant-state.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import type { UserTokens } from '#shared/app/ports/user-tokens.ts';
import {
  authorize as authorizeRequest,
  type AuthorizerPorts,
} from '../../../../lambdas/authorizer/authorize.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryPlatformStore } from '../../../fakes/platform-store.ts';
import { MemoryTenantStore } from '../../../fakes/tenant-store.ts';

/** Asks as who has no platform key, for no tenant in particular, and from no page. */
const authorize = (
  authorization: string | undefined,
  ports: Pick<AuthorizerPorts, 'users' | 'memberships'> & {
    readonly tenants: Pick<AuthorizerPorts['tenants'], 'keyByHash' | 'stateOf'>;
  },
) =>
  authorizeRequest(
    { authorization, address: '192.0.2.1' },
    {
      noteKeyUse: async () => {},
      platforms: new MemoryPlatformStore(new MemoryTenantStore()),
      clock: { now: () => new Date(now) },
      ...ports,
      tenants: {
        get: async () => undefined,
        keyByHash: (hash) => ports.tenants.keyByHash(hash),
        stateOf: (id) => ports.tenants.stateOf(id),
      },
    },
  );

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
const stateOf = async () => activeState;
const memberships = {
  of: async (id: string) => ({ memberships: [], wasRemoved: id === 'gone' }),
};

describe('authorize', () => {
  test('a key speaks for its tenant, with its scopes, in any case of "Bearer"', async () => {
    const { tenants, tenant, secret, key } = await givenKey();
    for (const scheme of ['Bearer', 'bearer', 'BEARER ']) {
      expect(
        await authorize(`${scheme} ${secret}`, { tenants, users: nobody, memberships }),
      ).toEqual({
        tenant,
        key: key.hash,
        scopes: 'domains messages',
      });
    }
  });

  test('a strict key says so', async () => {
    const { tenants, tenant, secret, key } = await givenKey();
    const strict = { keyByHash: async () => ({ ...key, strict: true }), stateOf };
    const context = { tenant, key: key.hash, scopes: 'domains messages' };
    const ask = (store: Pick<typeof tenants, 'keyByHash' | 'stateOf'>) =>
      authorize(`Bearer ${secret}`, { tenants: store, users: nobody, memberships });
    expect(await ask(strict)).toEqual({ ...context, strict: 'true' });
    expect(await ask(tenants)).toEqual(context);
  });

  test('a key with one scope has no other', async () => {
    const { tenants, secret } = await givenKey(['messages']);
    expect(
      (await authorize(`Bearer ${secret}`, { tenants, users: nobody, memberships }))?.scopes,
    ).toBe('messages');
  });

  test('a revoked key speaks for no tenant', async () => {
    const { tenants, secret, key } = await givenKey();
    await tenants.revoke(key.hash, now);
    expect(
      await authorize(`Bearer ${secret}`, { tenants, users: nobody, memberships }),
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
      `Bearer ${apiKeyOf(new Uint8Array(32).fill(8))}`,
      `Bearer ${'a'.repeat(100_000)}`,
    ];
    for (const other of others)
      expect(await authorize(other, { tenants, users: nobody, memberships })).toBeUndefined();
  });

  test('the table is not asked for what has not the form of a key', async () => {
    const asked: string[] = [];
    const keyByHash = async (hash: string) => {
      asked.push(hash);
      return undefined;
    };
    await authorize('Bearer nonsense', {
      tenants: { keyByHash, stateOf },
      users: nobody,
      memberships,
    });
    expect(asked).toEqual([]);
  });

  test('a table that does not answer is an error, not a yes or no', async () => {
    const { secret } = await givenKey();
    const down = { keyByHash: () => Promise.reject(new Error('down')), stateOf };
    await expect(
      authorize(`Bearer ${secret}`, { tenants: down, users: nobody, memberships }),
    ).rejects.toThrow('down');
  });
});

describe("a user's access token", () => {
  const tenants = { keyByHash: () => Promise.reject(new Error('asked for a key')), stateOf };
  const token = 'Bearer aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl';

  test('speaks for the tenant that the group is named after, with every scope', async () => {
    const tenant = givenTenant();
    expect(
      await authorize(token, { tenants, users: inGroups('admins', tenant), memberships }),
    ).toEqual({
      tenant,
      accounts: `${tenant}:owner`,
      scopes: namesOf(allScopes),
      user: 'ann',
    });
  });

  test('of a user who was removed speaks for no tenant, though it has not ended', async () => {
    const users = { userOf: async () => ({ id: 'gone', groups: [givenTenant()] }) };
    expect(await authorize(token, { tenants, users, memberships })).toBeUndefined();
  });

  test('that is refused speaks for no tenant', async () => {
    expect(await authorize(token, { tenants, users: nobody, memberships })).toBeUndefined();
  });

  test('that cannot be verified just now is an error, not a yes or no', async () => {
    const down = { userOf: () => Promise.reject(new Error('no keys')) };
    await expect(authorize(token, { tenants, users: down, memberships })).rejects.toThrow(
      'no keys',
    );
  });
});

describe('a tenant that the operator suspended or closed', () => {
  const suspended: TenantState = { status: 'suspended', since: now, reason: 'spam' };

  test('is named as such, by its keys and users alike, so that the functions refuse in words', async () => {
    const { tenants, tenant, secret, key } = await givenKey();
    const ports = { tenants, users: inGroups(tenant), memberships };
    const token = 'Bearer aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl';
    const statuses = async () => [
      (await authorize(`Bearer ${secret}`, ports))?.status,
      (await authorize(token, ports))?.status,
    ];
    expect(await statuses()).toEqual([undefined, undefined]);
    const before = { id: tenant, name: 'Acme', createdAt: now };
    await tenants.changeState(before, suspended);
    expect(await statuses()).toEqual(['suspended', 'suspended']);
    const closed: TenantState = { ...suspended, status: 'closed' };
    await tenants.changeState({ ...before, state: suspended }, closed);
    expect(await statuses()).toEqual(['closed', 'closed']);
    // What a revoked key opens is still nothing.
    await tenants.revoke(key.hash, now);
    expect(await authorize(`Bearer ${secret}`, ports)).toBeUndefined();
  });

  test('whose state cannot be read is an error, not a yes or no', async () => {
    const { tenants, secret } = await givenKey();
    tenants.stateOf = () => Promise.reject(new Error('down'));
    await expect(
      authorize(`Bearer ${secret}`, { tenants, users: nobody, memberships }),
    ).rejects.toThrow('down');
  });
});

describe('a key that is bound', () => {
  const of = async (changes: Partial<ApiKey>) => {
    const { key, secret, tenant } = await givenKey();
    const uses: unknown[] = [];
    const context = await authorizeRequest(
      { authorization: `Bearer ${secret}`, address: '192.0.2.1' },
      {
        tenants: {
          get: async () => undefined,
          keyByHash: async () => ({ ...key, ...changes }),
          stateOf,
        },
        platforms: new MemoryPlatformStore(new MemoryTenantStore()),
        users: nobody,
        memberships,
        noteKeyUse: async (...use) => void uses.push(use),
        clock: { now: () => new Date(now) },
      },
    );
    return { context, uses, known: { tenant, key: key.hash, scopes: 'domains messages' } };
  };

  test('says its domains, and its use is noted', async () => {
    const { context, uses, known } = await of({
      domains: ['a.example', 'b.example'] as DomainName[],
      addresses: ['192.0.2.0/24'],
      expiresAt: '2026-11-20T10:00:00.001Z',
    });
    expect(context).toEqual({ ...known, domains: 'a.example b.example' });
    expect(uses).toEqual([[known.key, known.tenant, '192.0.2.1']]);
  });

  test.each([
    ['address', { addresses: ['198.51.100.0/24', '2001:db8::/32'] }],
    ['ended', { expiresAt: now }],
  ])('is refused in words: %s; and its use is not noted', async (refused, changes) => {
    const { context, uses, known } = await of(changes);
    expect(context).toEqual({ ...known, refused });
    expect(uses).toEqual([]);
  });
});

test('a key with a wrong character is known from an unknown one, and the table is not asked', async () => {
  const { secret } = await givenKey();
  const wrong = secret.slice(0, 20) + (secret[20] === 'a' ? 'b' : 'a') + secret.slice(21);
  const tenants = { keyByHash: () => Promise.reject(new Error('asked')), stateOf };
  for (const mistyped of [wrong, secret.slice(0, -1), secret.toUpperCase().replace('SD', 'sd')]) {
    const context = await authorize(`Bearer ${mistyped}`, { tenants, users: nobody, memberships });
    expect(context).toEqual({ scopes: '', refused: 'mistyped' });
  }
});
