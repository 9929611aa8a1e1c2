import { budgetsOf, type Budgets } from '#shared/app/budgets/budgets.ts';
import { budgetDefinitions, budgetNames, type Limits } from '#shared/core/model/budgets.ts';
import { MemoryBudgetStore } from './budget-store.ts';

/** The limits of a deployment whose operator set none. */
export const defaultLimits = Object.fromEntries(
  budgetNames.map((name) => [name, budgetDefinitions[name].limit]),
) as Limits;

/** Budgets in memory, on the clock of a test. */
export function givenBudgets(
  clock: { now(): Date } = { now: () => new Date('2026-11-20T10:00:00.000Z') },
  limits: Partial<Limits> = {},
  store = new MemoryBudgetStore(),
): { budgets: Budgets; store: MemoryBudgetStore; failures: unknown[] } {
  const failures: unknown[] = [];
  const retryTime = { clock, sleep: async () => {}, random: () => 0.5 };
  const budgets = budgetsOf({
    store,
    limits: { ...defaultLimits, ...limits },
    retryTime,
    log: (error) => failures.push(error),
  });
  return { budgets, store, failures };
}
