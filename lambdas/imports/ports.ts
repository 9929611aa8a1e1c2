import type { Budgets } from '#shared/app/budgets/budgets.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { IdentityStore } from '#shared/app/ports/identities.ts';
import type { ImportRequest } from '#shared/app/ports/import-requests.ts';
import type { ImportStore } from '#shared/app/ports/import-store.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { DomainName } from '#shared/core/model/names.ts';

/** The ports of the routes about imports. */
export interface ImportPorts {
  readonly imports: ImportStore;
  readonly claims: Pick<ClaimStore, 'getHeld'>;
  readonly identities: Pick<IdentityStore, 'getMany' | 'views'>;
  readonly budgets: Pick<Budgets, 'adjust' | 'take'>;
  readonly queue: Queue<ImportRequest>;
  /** The deployment's zone, whose names nobody claims. */
  readonly zone: DomainName;
  readonly clock: Clock;
  readonly random: Random;
}
