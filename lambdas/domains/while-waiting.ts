import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainPorts } from './ports.ts';

/**
 * Does work about a domain that waits for a value or for DNS, under a lease: one of a domain at a
 * time, and a few of a tenant.
 *
 * @throws BudgetExceeded `waiting-records`
 */
export async function whileWaiting<T>(
  { tenant, domain }: Pick<Claim, 'tenant' | 'domain'>,
  { budgets }: Pick<DomainPorts, 'budgets'>,
  work: () => Promise<T>,
): Promise<T> {
  const lease = await budgets.lease(tenant, 'waiting-records', domain);
  try {
    return await work();
  } finally {
    await lease.end();
  }
}
