import { retry, retryLimits } from '#shared/async/retry.ts';
import type { PlatformTenant } from '#shared/app/ports/platform-store.ts';
import type { Brand } from '#shared/core/model/brand.ts';
import type { ContactDetails } from '#shared/core/model/contact.ts';
import type { PlatformId } from '#shared/core/model/names.ts';
import type { TenantRoutePorts } from './ports.ts';
import { requireTenant } from './require-tenant.ts';

export interface TenantChange {
  readonly name?: string | undefined;
  /** Null: none. */
  readonly contacts?: readonly ContactDetails[] | null | undefined;
  readonly brand?: Brand | null | undefined;
}

/**
 * Changes the fields of a tenant that are given, and leaves the others.
 *
 * @throws Refusal `tenant-not-found`
 */
export const changeTenant = (
  platform: PlatformId,
  id: string,
  change: TenantChange,
  ports: Pick<TenantRoutePorts, 'platforms' | 'tenants'>,
): Promise<PlatformTenant> =>
  retry(retryLimits.conflict, async () => {
    const before = await requireTenant(platform, id, ports);
    const { contacts: _contacts, brand: _brand, ...rest } = before;
    const contacts = change.contacts === undefined ? before.contacts : change.contacts;
    const brand = change.brand === undefined ? before.brand : change.brand;
    const next: PlatformTenant = {
      ...rest,
      name: change.name ?? before.name,
      ...(contacts === null || contacts === undefined || contacts.length === 0 ? {} : { contacts }),
      ...(brand === null || brand === undefined ? {} : { brand }),
    };
    const { name } = next;
    await ports.tenants.change(before, { name, contacts: next.contacts, brand: next.brand });
    return next;
  });
