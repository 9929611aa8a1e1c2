import {
  budgetDefinitions,
  type BudgetName,
  type BudgetWindow,
  secondsLeft,
} from '#shared/core/model/budgets.ts';
import { BudgetExceeded } from '#shared/core/model/errors.ts';

/** A window has no room for an amount. */
export function windowExceeded(
  window: BudgetWindow,
  { used, amount }: { readonly used: number; readonly amount: number },
  now: Date,
): BudgetExceeded {
  const { budget, limit } = window;
  const { unit } = budgetDefinitions[budget];
  if (amount > limit) {
    return new BudgetExceeded(
      budget,
      `This would take ${amount} of your budget "${budget}", and all of it is ${limit} (${unit}). Ask the operator to raise it, or do it in smaller parts.`,
    );
  }
  const after = secondsLeft(window, now);
  return new BudgetExceeded(
    budget,
    `Your budget "${budget}" is used up: ${Math.floor(used)} of ${limit} (${unit}). Try again in ${after} s; GET /v1/limits shows what is left.`,
    after,
  );
}

/** As many things as may be are under way. */
export function leasesExceeded(
  budget: BudgetName,
  {
    limit,
    freeInMs,
    of,
  }: { readonly limit: number; readonly freeInMs: number; readonly of: string },
): BudgetExceeded {
  const after = Math.max(1, Math.ceil(freeInMs / 1_000));
  return new BudgetExceeded(
    budget,
    `Your budget "${budget}" is in use: at most ${limit} (${budgetDefinitions[budget].unit}), and ${of} has to wait. Try again in ${after} s.`,
    after,
  );
}
