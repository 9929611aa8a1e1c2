import type { LimitDocument } from '#shared/api/routes/limits.ts';
import {
  budgetDefinitions,
  budgetNames,
  hasBudget,
  type Standing,
} from '#shared/core/model/budgets.ts';
import type { BudgetHolder } from '#shared/app/ports/budgets.ts';
import { isPlatformId } from '#shared/core/model/names.ts';
import { later } from '#shared/core/time.ts';
import type { DomainPorts } from './ports.ts';

/** The limits of a tenant or platform in the order of their definition, and what is left of each. */
export async function readLimits(
  holder: BudgetHolder,
  { budgets, claims, clock }: Pick<DomainPorts, 'budgets' | 'claims' | 'clock'>,
): Promise<{ limits: LimitDocument[] }> {
  const limits = await budgets.limits(holder);
  const tenant = isPlatformId(holder) ? undefined : holder;
  const [counted, pending] = await Promise.all([
    budgets.standings(holder),
    tenant === undefined ? 0 : claims.pendingCount(tenant),
  ]);
  const now = clock.now();
  const standings = new Map(counted.map((one) => [one.budget, one]));
  standings.set('pending-claims', {
    budget: 'pending-claims',
    limit: limits['pending-claims'],
    remaining: Math.max(0, limits['pending-claims'] - pending),
  });
  return {
    limits: namesOf(tenant === undefined ? 'platform' : 'tenant').map((budget) => {
      const definition = budgetDefinitions[budget];
      const standing = standings.get(budget);
      return {
        budget,
        unit: definition.unit,
        limit: limits[budget],
        remaining: standing?.remaining ?? null,
        windowSeconds: definition.kind === 'window' ? definition.seconds : null,
        resetsAt: resetOf(standing, now),
      };
    }),
  };
}

const namesOf = (holder: 'tenant' | 'platform') =>
  budgetNames.filter((name) => hasBudget(holder, name));

const resetOf = (standing: Standing | undefined, now: Date): string | null =>
  standing?.resetSeconds === undefined ? null : later(now, standing.resetSeconds * 1_000);
