import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';

/** What the use cases of the routes about API keys need of the world. */
export interface ApiKeyPorts {
  readonly tenants: Pick<TenantStore, 'addKey' | 'keyByHash' | 'keysOf' | 'revoke'>;
  readonly clock: Clock;
  readonly random: Random;
}
