import type { Budgets } from '#shared/app/budgets/budgets.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { SuppressionStore } from '#shared/app/ports/suppression-store.ts';

/** The ports of the routes about suppression lists. */
export interface SuppressionPorts {
  readonly suppressions: SuppressionStore;
  readonly budgets: Pick<Budgets, 'take'>;
  readonly clock: Clock;
}
