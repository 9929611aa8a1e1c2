import { describe, expect, test } from 'vitest';
import type { Membership } from '#shared/app/ports/memberships.ts';
import { platformIdOf, type PlatformId } from '#shared/core/model/names.ts';
import { roleScopes, roles } from '#shared/core/model/roles.ts';
import { namesOf, scopesNamed } from '#shared/core/model/scopes.ts';
import { activeState, type TenantState } from '#shared/core/model/tenant-state.ts';
import { ofUser } from '../../../../lambdas/authorizer/user.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';

const now = '2026-12-01T10:00:00.000Z';
const [one, other, strange] = [givenTenant(), givenTenant(), givenTenant()];
const memberOf = (tenant: Membership['tenant'], changes: Partial<Membership> = {}): Membership => ({
  tenant,
  user: 'ann',
  email: 'ann@example.com',
  role: 'member',
  since: now,
  ...changes,
});

interface Given {
  readonly groups?: readonly string[];
  readonly memberships?: readonly Membership[];
  readonly named?: string;
  readonly state?: TenantState;
  readonly wasRemoved?: boolean;
}

const ask = ({ groups = [], memberships = [], named, state, wasRemoved = false }: Given) =>
  ofUser(
    'a.b.c',
    named,
    {
      users: { userOf: async () => ({ id: 'ann', groups }) },
      memberships: { of: async () => ({ memberships, wasRemoved }) },
      tenants: { stateOf: async () => state ?? activeState },
    },
    async (actor, tenant) => ({ ...actor, scopes: `acting for ${tenant ?? 'itself'}` }),
  );

describe('a user', () => {
  test.each(roles)('of one account, as %s, has the scopes of the role', async (role) => {
    const found = await ask({ memberships: [memberOf(one, { role })] });
    expect(found).toEqual({
      tenant: one,
      user: 'ann',
      accounts: `${one}:${role}`,
      scopes: namesOf(roleScopes[role]),
    });
    expect(scopesNamed(found!.scopes.split(' '))).toEqual(scopesNamed(roleScopes[role]));
  });

  test('of several chooses one; without a choice only what is their own is allowed', async () => {
    const memberships = [memberOf(one, { role: 'viewer' }), memberOf(other, { role: 'owner' })];
    const accounts = `${one}:viewer ${other}:owner`;
    expect(await ask({ memberships })).toEqual({ user: 'ann', accounts, scopes: '' });
    expect(await ask({ memberships, named: one })).toMatchObject({
      tenant: one,
      scopes: namesOf(roleScopes.viewer),
    });
    expect(await ask({ memberships, named: ` ${other}` })).toMatchObject({
      tenant: other,
      scopes: namesOf(roleScopes.owner),
    });
    expect(await ask({ memberships, named: strange })).toEqual({
      user: 'ann',
      accounts,
      scopes: '',
      refused: 'unknown-tenant',
    });
  });

  test('of none is known, and nothing more; one who left is none', async () => {
    expect(await ask({})).toEqual({ user: 'ann', scopes: '' });
    expect(await ask({ groups: ['admins'] })).toEqual({ user: 'ann', scopes: '' });
    const left = { groups: [one], memberships: [memberOf(one, { endedAt: now })] };
    expect(await ask(left)).toEqual({ user: 'ann', scopes: '' });
    expect(await ask({ ...left, named: one })).toMatchObject({ refused: 'unknown-tenant' });
    expect(await ask({ groups: [one], wasRemoved: true })).toBeUndefined();
  });

  test('from before there were roles is an owner, until something else is stored', async () => {
    const former = await ask({ groups: ['admins', one] });
    expect(former).toMatchObject({ tenant: one, accounts: `${one}:owner` });
    const changed = { groups: [one], memberships: [memberOf(one, { role: 'viewer' })] };
    expect(await ask(changed)).toMatchObject({ accounts: `${one}:viewer` });
    const both = { groups: [one], memberships: [memberOf(other)] };
    expect(await ask({ ...both, named: other })).toMatchObject({ tenant: other });
    expect(await ask({ ...both, named: one })).toMatchObject({ tenant: one });
  });

  test('of a platform acts as the platform does, for itself or for a tenant', async () => {
    const platform: PlatformId = platformIdOf(new Uint8Array(16));
    const groups = [platform];
    expect(await ask({ groups })).toEqual({ platform, user: 'ann', scopes: 'acting for itself' });
    expect(await ask({ groups, named: one })).toMatchObject({ scopes: `acting for ${one}` });
  });

  test('says where the account is suspended or closed', async () => {
    const state: TenantState = { status: 'suspended', since: now, reason: 'spam' };
    expect(await ask({ memberships: [memberOf(one)], state })).toMatchObject({
      status: 'suspended',
    });
  });
});
