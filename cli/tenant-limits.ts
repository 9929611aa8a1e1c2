import {
  budgetDefinitions,
  budgetNames,
  HIGHEST_LIMIT,
  isBudgetName,
  isLimit,
  type BudgetName,
} from '#shared/core/model/budgets.ts';
import type { BudgetHolder, BudgetStore, OwnLimits } from '#shared/app/ports/budgets.ts';
import type { Tenant, TenantStore } from '#shared/app/ports/tenant-store.ts';
import { CommandError } from './command.ts';
import { tenantOf } from './tenants.ts';

export interface LimitPorts {
  readonly tenants: Pick<TenantStore, 'list'>;
  readonly budgets: Pick<BudgetStore, 'ownLimits' | 'setOwnLimits'>;
}

/**
 * Changes limits of one tenant, and returns those that it then has of its own.
 *
 * @param changes as typed: `claims-hour=500`, or `claims-hour=default` for the deployment's again
 * @throws CommandError where there is no such tenant or budget, or a limit is none
 */
export async function changeLimits(
  nameOrId: string,
  changes: readonly string[],
  { tenants, budgets }: LimitPorts,
): Promise<{ tenant: Tenant; own: OwnLimits }> {
  const wanted = readChanges(changes);
  const tenant = await tenantOf(nameOrId, tenants);
  return { tenant, own: await setLimits(tenant.id, wanted, budgets) };
}

/**
 * Changes limits of a platform or a tenant, and returns those that it then has of its own.
 *
 * @throws CommandError where there is no such budget, or a limit is none
 */
export const changeOwnLimits = (
  id: BudgetHolder,
  changes: readonly string[],
  budgets: LimitPorts['budgets'],
): Promise<OwnLimits> => setLimits(id, readChanges(changes), budgets);

type Changes = Readonly<Partial<Record<BudgetName, number | undefined>>>;

const readChanges = (changes: readonly string[]): Changes =>
  Object.fromEntries(changes.map(readChange));

async function setLimits(
  id: BudgetHolder,
  wanted: Changes,
  budgets: LimitPorts['budgets'],
): Promise<OwnLimits> {
  if (Object.keys(wanted).length > 0) await budgets.setOwnLimits(id, wanted);
  return budgets.ownLimits(id);
}

function readChange(text: string): [BudgetName, number | undefined] {
  const [name = '', value = '', ...more] = text.split('=');
  if (!isBudgetName(name)) {
    throw new CommandError(`There is no budget "${name}"; there are ${budgetNames.join(', ')}.`);
  }
  if (value === 'default' && more.length === 0) return [name, undefined];
  if (!/^\d+$/.test(value) || more.length > 0 || !isLimit(Number(value))) {
    throw new CommandError(
      `Give ${name} a whole number from 0 to ${HIGHEST_LIMIT}, or "default": ${name}=100`,
    );
  }
  return [name, Number(value)];
}

/** One line a budget: its limit, whose it is, and what it counts. */
export const limitLines = (own: OwnLimits): string[] =>
  budgetNames.map((name) => {
    const limit = own[name] === undefined ? "the deployment's" : String(own[name]);
    return `  ${name.padEnd(24)}${limit.padEnd(18)}${budgetDefinitions[name].unit}`;
  });
