import type { PlatformTenant } from '#shared/app/ports/platform-store.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { isTenantId, quoted, type PlatformId } from '#shared/core/model/names.ts';
import type { TenantRoutePorts } from './ports.ts';

/**
 * Finds a tenant that a platform made.
 *
 * @param given its id or external id
 * @throws Refusal `tenant-not-found`, also where another platform or the operator made it
 */
export async function requireTenant(
  platform: PlatformId,
  given: string,
  { platforms, tenants }: Pick<TenantRoutePorts, 'platforms' | 'tenants'>,
): Promise<PlatformTenant> {
  const id = isTenantId(given) ? given : await platforms.tenantOf(platform, given);
  const tenant = id && (await tenants.get(id));
  if (tenant !== undefined && isOf(platform, tenant)) return tenant;
  throw new Refusal(
    'tenant-not-found',
    `You have made no tenant ${quoted(given)}; see GET /v1/tenants.`,
  );
}

const isOf = (
  platform: PlatformId,
  tenant: Partial<Pick<PlatformTenant, 'platform'>>,
): tenant is PlatformTenant => tenant.platform === platform;
