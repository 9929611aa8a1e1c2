import { retry, retryLimits } from '#shared/async/retry.ts';
import { deletedClaim, type Claim, type ClaimKey } from '#shared/core/model/claim.ts';
import { requestCheck, type RequestCheckPorts } from '#shared/app/checks/request-check.ts';
import type { Spending } from '#shared/app/ports/budgets.ts';
import { requireClaim } from './require-claim.ts';
import type { DomainPorts } from './ports.ts';

/**
 * Deletes a claim, pending or proven. From this write on nothing is signed for it and it holds
 * nothing; its hosted records stay for a week. Deleting again changes nothing.
 *
 * @throws Refusal `not-found`
 * @throws BudgetExceeded `deletions-hour`
 * @throws Conflict where others write the claim each time
 */
export async function deleteDomain(
  key: ClaimKey,
  ports: Pick<DomainPorts, 'budgets' | 'claims' | 'clock'> & RequestCheckPorts,
): Promise<Claim> {
  const { budgets, claims, clock } = ports;
  let taken: Spending | undefined;
  const deleted = await retry(retryLimits.conflict, async () => {
    const claim = await requireClaim(key, claims);
    if (claim.lifecycle === 'deleting') return claim;
    taken ??= await budgets.take(key.tenant, 'deletions', 1);
    const deleted = deletedClaim(claim, clock.now().toISOString());
    await claims.release(claim, deleted);
    return deleted;
  });
  // The check gives its place back at once where nothing points at it.
  if (taken !== undefined && deleted.seenAt === undefined) await requestCheck(deleted, ports);
  return deleted;
}
