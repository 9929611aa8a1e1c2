import type { Clock } from '#shared/app/ports/clock.ts';
import type { UserDirectory } from '#shared/app/ports/user-directory.ts';
import type { Invitations, RemovedUsers } from '#shared/app/ports/user-store.ts';

/** The ports of the routes about users. */
export interface UserPorts {
  readonly directory: UserDirectory;
  readonly invitations: Invitations;
  readonly removed: Pick<RemovedUsers, 'add'>;
  readonly clock: Clock;
}
