import { retry, retryLimits } from '#shared/async/retry.ts';
import { deletedClaim, type Claim, type ClaimKey } from '#shared/core/model/claim.ts';
import { requireClaim } from './require-claim.ts';
import type { DomainPorts } from './ports.ts';

/**
 * Deletes a claim, pending or proven. From this write on nothing is signed for it and it holds
 * nothing; its hosted records stay for a week. Deleting again changes nothing.
 *
 * @throws Refusal `not-found`
 * @throws Conflict where others write the claim each time
 */
export async function deleteDomain(
  key: ClaimKey,
  { claims, clock }: Pick<DomainPorts, 'claims' | 'clock'>,
): Promise<Claim> {
  return retry(retryLimits.conflict, async () => {
    const claim = await requireClaim(key, claims);
    if (claim.lifecycle === 'deleting') return claim;
    const deleted = deletedClaim(claim, clock.now().toISOString());
    await claims.release(claim, deleted);
    return deleted;
  });
}
