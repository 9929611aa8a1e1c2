import type { AuthorizerContext } from '#shared/api/http.ts';
import { hashApiKey, isApiKey } from '#shared/core/model/api-key.ts';
import { isTenantId } from '#shared/core/model/names.ts';
import { allScopes, type TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { RemovedUsers } from '#shared/app/ports/user-store.ts';
import type { UserTokens } from '#shared/app/ports/user-tokens.ts';

export interface AuthorizerPorts {
  readonly tenants: Pick<TenantStore, 'keyByHash'>;
  readonly users: UserTokens;
  readonly removed: Pick<RemovedUsers, 'has'>;
}

/**
 * Returns the identity of an `Authorization` field: an API key's tenant, or the tenant whose group
 * an access token's dashboard user is in. Undefined where it is neither.
 */
export async function authorize(
  authorization: string | undefined,
  { tenants, users, removed }: AuthorizerPorts,
): Promise<AuthorizerContext | undefined> {
  const [, token = ''] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (isApiKey(token)) return ofApiKey(token, tenants);
  return isJwt.test(token) ? ofUser(token, { users, removed }) : undefined;
}

/** Three parts in base64url (RFC 7515 §3.1). */
const isJwt = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * A user in the groups of several tenants is refused, since the tenant is ambiguous. A token is
 * valid until it ends; the authorizer checks each time that its user still exists.
 */
async function ofUser(
  token: string,
  { users, removed }: Pick<AuthorizerPorts, 'users' | 'removed'>,
): Promise<AuthorizerContext | undefined> {
  const user = await users.userOf(token);
  if (user === undefined) return undefined;
  const [tenant, ...others] = user.groups.filter(isTenantId);
  if (tenant === undefined || others.length > 0) return undefined;
  if (await removed.has(user.id)) return undefined;
  return { tenant, scopes: allScopes.join(' '), user: user.id };
}

/**
 * The key is found by its SHA-256: it has 256 random bits, so nothing slower is needed, and the
 * stored hashes grant nothing.
 */
async function ofApiKey(
  token: string,
  tenants: AuthorizerPorts['tenants'],
): Promise<AuthorizerContext | undefined> {
  const key = await tenants.keyByHash(hashApiKey(token));
  if (key === undefined || key.revokedAt !== undefined) return undefined;
  return { tenant: key.tenant, scopes: key.scopes.join(' ') };
}
