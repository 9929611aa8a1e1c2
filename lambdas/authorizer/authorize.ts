import type { AuthorizerContext } from '#shared/api/http.ts';
import { hashApiKey, isApiKey } from '#shared/domain/api-key.ts';
import type { TenantStore } from '#shared/ports/tenant-store.ts';

/**
 * Who an `Authorization` field speaks for, or undefined where it names no valid API key. The key is
 * looked up by its SHA-256: it has 256 random bits, so nothing slower is needed, and what the table
 * holds opens nothing.
 */
export async function authorize(
  authorization: string | undefined,
  tenants: Pick<TenantStore, 'keyByHash'>,
): Promise<AuthorizerContext | undefined> {
  const [, token = ''] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (!isApiKey(token)) return undefined;
  const key = await tenants.keyByHash(hashApiKey(token));
  if (key === undefined || key.revokedAt !== undefined) return undefined;
  return { tenant: key.tenant, scopes: key.scopes.join(' ') };
}
