import type { StatePorts } from '#shared/app/tenants/tenant-state.ts';
import type { Random } from '#shared/app/ports/clock.ts';
import type { PlatformStore } from '#shared/app/ports/platform-store.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';

/** The ports of the routes of platforms. */
export interface TenantRoutePorts extends StatePorts {
  readonly platforms: Pick<
    PlatformStore,
    'addTenant' | 'addToken' | 'get' | 'setOrigins' | 'tenantOf' | 'tenants'
  >;
  readonly tenants: Pick<TenantStore, 'get' | 'change' | 'changeState'>;
  readonly random: Random;
}
