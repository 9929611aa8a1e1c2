import type { Clock } from '#shared/app/ports/clock.ts';
import type { UserDirectory } from '#shared/app/ports/user-directory.ts';
import type { Invitations, RemovedUsers } from '#shared/app/ports/user-store.ts';

/** What the use cases of the routes about users need of the world. */
export interface UserPorts {
  readonly directory: UserDirectory;
  readonly invitations: Invitations;
  readonly removed: Pick<RemovedUsers, 'add'>;
  readonly clock: Clock;
}
