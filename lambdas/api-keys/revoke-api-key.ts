import { Refusal } from '#shared/core/model/errors.ts';
import { apiKeyEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import type { ApiKeyPorts } from './ports.ts';
import { requireRightsOf, type KeyCaller } from './rights.ts';

export interface RevokeRequest {
  readonly tenant: TenantId;
  /** The SHA-256 of the key, hex. */
  readonly id: string;
  /** True: the keys that it made, and those that they made, are revoked too. */
  readonly made: boolean;
}

/** A revoked key, with the keys that it made, itself or by others, and that are live still. */
export interface Revoked {
  readonly key: ApiKey;
  readonly made: readonly ApiKey[];
}

/**
 * Revokes a key of a tenant's own; it is refused from the next request on. Revoking again changes
 * nothing but, with `made`, the keys that it made.
 *
 * @throws Refusal `not-found`, also where the key is another tenant's; `forbidden` where the caller
 *   may do less than the key
 */
export async function revokeApiKey(
  { tenant, id, made }: RevokeRequest,
  caller: KeyCaller,
  ports: ApiKeyPorts,
): Promise<Revoked> {
  const { tenants, bus, clock } = ports;
  const key = /^[0-9a-f]{64}$/.test(id) ? await tenants.keyByHash(id) : undefined;
  if (key === undefined || key.tenant !== tenant) {
    throw new Refusal('not-found', 'You have no such key; see GET /v1/api-keys.');
  }
  await requireRightsOf(key, caller, 'revoke', ports);
  const revokedAt = clock.now().toISOString();
  const children = liveChildren(key, await tenants.keysOf(tenant));
  // The youngest first: interrupted, it can be asked for again.
  const gone = [...(made ? children.toReversed() : []), key];
  for (const { hash } of gone) await tenants.revoke(hash, revokedAt);
  const at = ({ revokedAt: earlier }: ApiKey) => earlier ?? revokedAt;
  await bus.put(gone.map((one) => apiKeyEvent(tenant, 'api_key.revoked', one, at(one))));
  return { key: { revokedAt, ...key }, made: made ? [] : children };
}

/** The keys behind a key: those that it made, then those that they made, as far as they are live. */
function liveChildren({ hash }: ApiKey, keys: readonly ApiKey[]): ApiKey[] {
  const found: ApiKey[] = [];
  const makers = [hash];
  for (const maker of makers) {
    const children = keys.filter(({ madeBy }) => madeBy?.kind === 'key' && madeBy.id === maker);
    makers.push(...children.map((child) => child.hash));
    found.push(...children);
  }
  return found.filter(({ revokedAt }) => revokedAt === undefined);
}
