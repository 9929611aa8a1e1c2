import type { CheckStore } from '../ports/check-store.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { progressOf } from '#shared/core/records/progress.ts';
import type { DomainLeft } from '#shared/core/texts/mails/hand-over-mail.ts';
import { slicesOf } from '#shared/core/slices.ts';

/** The most results of one read. */
const PER_READ = 100;

/** Returns the domains of which required records are not right, by their last checks. */
export async function domainsLeft(
  claims: readonly Claim[],
  {
    checks,
    deployment,
  }: { readonly checks: Pick<CheckStore, 'results'>; readonly deployment: Deployment },
): Promise<DomainLeft[]> {
  const left: DomainLeft[] = [];
  for (const some of slicesOf(claims, PER_READ)) {
    const results = await checks.results(some.map(({ label }) => label));
    for (const claim of some) {
      const seen = new Map(
        results.get(claim.label)?.records.map(({ id, status }) => [id, status]) ?? [],
      );
      const records = customerRecords(claim, undefined, deployment).map(({ id, required }) => ({
        required,
        status: seen.get(id) ?? ('unknown' as const),
      }));
      const { required } = progressOf(records);
      const count = required.total - required.right;
      if (count > 0) left.push({ name: claim.domain, left: count });
    }
  }
  return left;
}
