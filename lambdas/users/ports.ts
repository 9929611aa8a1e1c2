import type { Budgets } from '#shared/app/budgets/budgets.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { UserDirectory } from '#shared/app/ports/user-directory.ts';
import type { Memberships } from '#shared/app/ports/memberships.ts';
import type { Invitations } from '#shared/app/ports/user-store.ts';

/** The ports of the routes about users. */
export interface UserPorts {
  readonly budgets: Budgets;
  readonly bus: EventBus;
  readonly directory: UserDirectory;
  readonly tenants: Pick<TenantStore, 'nameOf'>;
  readonly invitations: Invitations;
  readonly memberships: Memberships;
  readonly clock: Clock;
}
