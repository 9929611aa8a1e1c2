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
 * Who an `Authorization` field speaks for: an API key for its tenant, the access token of a user of
 * the dashboard for the tenant whose group the user is in. Undefined where it is neither.
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
 * A user in the groups of several tenants would be nobody's: which one is meant nothing tells. A token
 * is good by itself until it ends; that its user was removed is asked for every time.
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
 * The key is looked up by its SHA-256: it has 256 random bits, so nothing slower is needed, and what
 * the table holds opens nothing.
 */
async function ofApiKey(
  token: string,
  tenants: AuthorizerPorts['tenants'],
): Promise<AuthorizerContext | undefined> {
  const key = await tenants.keyByHash(hashApiKey(token));
  if (key === undefined || key.revokedAt !== undefined) return undefined;
  return { tenant: key.tenant, scopes: key.scopes.join(' ') };
}
