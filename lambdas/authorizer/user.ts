import type { AuthorizerContext } from '#shared/api/http.ts';
import {
  isPlatformId,
  isTenantId,
  type PlatformId,
  type TenantId,
} from '#shared/core/model/names.ts';
import { FORMER_ROLE, roleScopes, type Role } from '#shared/core/model/roles.ts';
import { namesOf } from '#shared/core/model/scopes.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';
import type { Memberships } from '#shared/app/ports/memberships.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { UserTokens } from '#shared/app/ports/user-tokens.ts';

export interface UserPorts {
  readonly tenants: Pick<TenantStore, 'stateOf'>;
  readonly users: UserTokens;
  readonly memberships: Pick<Memberships, 'of'>;
}

type ActFor = (
  actor: { readonly platform: PlatformId; readonly user: string },
  named: string | undefined,
) => Promise<AuthorizerContext>;

/**
 * Returns who the user of an access token is: in a group that is named after a platform the platform,
 * else the tenant that they belong to, with the scopes of their role. One of several tenants chooses
 * by the field of the request; without it, or with none to choose, there is no tenant, and only what
 * is about the user themselves is allowed.
 *
 * A token is valid until it ends: what the user belongs to is read each time.
 *
 * @param named the tenant that the request names
 * @param actFor who a platform is, for itself or for the named tenant
 */
export async function ofUser(
  token: string,
  named: string | undefined,
  ports: UserPorts,
  actFor: ActFor,
): Promise<AuthorizerContext | undefined> {
  const found = await ports.users.userOf(token);
  if (found === undefined) return undefined;
  const { id: user, groups } = found;
  const { memberships, wasRemoved } = await ports.memberships.of(user);
  if (wasRemoved) return undefined;
  const platform = groups.find(isPlatformId);
  if (platform !== undefined) return actFor({ platform, user }, named);
  const roles = new Map<TenantId, Role>(
    groups.filter(isTenantId).map((tenant) => [tenant, FORMER_ROLE]),
  );
  for (const { tenant, role, endedAt } of memberships) {
    if (endedAt === undefined) roles.set(tenant, role);
    else roles.delete(tenant);
  }
  const accounts = [...roles].map(([tenant, role]) => `${tenant}:${role}`).join(' ');
  const self = { user, ...(accounts === '' ? {} : { accounts }) };
  const tenant = named?.trim() ?? (roles.size === 1 ? [...roles.keys()][0] : undefined);
  if (tenant === undefined) return { ...self, scopes: '' };
  const role = roles.get(tenant as TenantId);
  if (role === undefined) return { ...self, scopes: '', refused: 'unknown-tenant' };
  const caller = { ...self, tenant: tenant as TenantId, scopes: namesOf(roleScopes[role]) };
  const { status } = (await ports.tenants.stateOf(caller.tenant)) ?? activeState;
  return status === 'active' ? caller : { ...caller, status };
}
