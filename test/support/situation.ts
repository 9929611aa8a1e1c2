import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { deployment } from '../fakes/given-claim.ts';
import { newClaim } from '../unit/app/checks/test-environment.ts';
import { MemoryClaimStore } from '../fakes/claim-store.ts';
import type { Situation } from './diagnosis/case.ts';

/**
 * A claim of a domain, with the records asked of its customer, somebody else's claim, and an
 * earlier one.
 */
export function givenSituation(
  domain: DomainName,
  given: (claim: Claim) => Claim = (claim) => claim,
): Situation {
  const claim = given(newClaim({ domain, dmarc: { p: 'none' } }));
  const records = customerRecords(claim, { token: 'sestoken' }, deployment);
  const value = (id: string): string => records.find((record) => record.id === id)!.value!;
  const hosted = new Map(hostedRecords(claim, deployment).map((one) => [one.name, one.values[0]!]));
  return {
    claim,
    other: newClaim({ domain: 'other.test' as DomainName }),
    earlier: newClaim({ domain, tenant: claim.tenant, lifecycle: 'tombstone' }),
    advised: records.map(({ name, type, value: text }) => ({ name, type, value: text! })),
    value,
    key: (id) => hosted.get(value(id))!,
  };
}

/** A store that knows all claims of a situation, as one does that saw them come and go. */
export async function claimsOf({ claim, other, earlier }: Situation): Promise<MemoryClaimStore> {
  const claims = new MemoryClaimStore();
  const limits = { pendingPerTenant: 50, claimsPerShard: 1000 };
  await claims.create({ ...earlier, lifecycle: 'live' }, limits);
  await claims.retire(
    { ...earlier, lifecycle: 'live' },
    { ...earlier, version: earlier.version + 1 },
  );
  await claims.create(claim, limits);
  await claims.create(other, limits);
  return claims;
}
