import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import type { ApiKeyPorts } from './ports.ts';

/**
 * Revokes a key of a tenant's own; it is refused from the next request on. Revoking again changes
 * nothing.
 *
 * @param id the SHA-256 of the key, hex
 * @throws Refusal `not-found`, also where the key is another tenant's
 */
export async function revokeApiKey(
  { tenant, id }: { tenant: TenantId; id: string },
  { tenants, clock }: ApiKeyPorts,
): Promise<ApiKey> {
  const key = /^[0-9a-f]{64}$/.test(id) ? await tenants.keyByHash(id) : undefined;
  if (key === undefined || key.tenant !== tenant) {
    throw new Refusal('not-found', 'You have no such key; see GET /v1/api-keys.');
  }
  const revokedAt = key.revokedAt ?? clock.now().toISOString();
  await tenants.revoke(id, revokedAt);
  return { ...key, revokedAt };
}
