import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { KeyUses } from '#shared/app/ports/key-uses.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';

/** The ports of the routes about API keys. */
export interface ApiKeyPorts {
  readonly tenants: Pick<TenantStore, 'addKeyWithin' | 'keyByHash' | 'keysOf' | 'revoke'>;
  readonly keyUses: Pick<KeyUses, 'of'>;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly random: Random;
}
