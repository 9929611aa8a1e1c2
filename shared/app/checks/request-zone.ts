import { isDelegated, type Claim } from '#shared/core/model/claim.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import { isDelegation, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import type { DelegationRequest, Queue } from '../ports/queues.ts';
import { isGood } from './evaluate/combined.ts';

/** Has the zone of a delegated claim made, changed or given up, as it is then due. */
export const requestZone = (
  { tenant, domain, label }: Claim,
  queue: Queue<DelegationRequest>,
): Promise<void> => queue.send([{ tenant, domain, label }]);

/**
 * Returns true if there is something to do at the zone of a claim: its NS record is right while
 * records in the zone are not yet, or the claim is lost.
 */
export function needsZone(
  claim: Claim,
  records: readonly CustomerRecord[],
  checks: readonly RecordCheck[],
): boolean {
  if (!isDelegated(claim)) return false;
  if (claim.status === 'lost') return true;
  const good = new Set(checks.filter(isGood).map(({ id }) => id));
  const [delegation, others] = [
    records.filter(isDelegation),
    records.filter((one) => !isDelegation(one)),
  ];
  return delegation.every(({ id }) => good.has(id)) && !others.every(({ id }) => good.has(id));
}

/** Returns true if the zone above certainly names other name servers than that of the label, or none. */
export const isUndelegated = (
  records: readonly CustomerRecord[],
  checks: readonly RecordCheck[],
): boolean =>
  records.filter(isDelegation).some(({ id }) => {
    const check = checks.find((one) => one.id === id);
    const isNamed = check?.code === 'delegation-mixed';
    return !isNamed && (check?.status === 'missing' || check?.status === 'wrong');
  });

/** The checks of a delegated claim, those in our zone without advice: there is nothing to be done. */
export const withoutAdvice = (
  records: readonly CustomerRecord[],
  checks: readonly RecordCheck[],
): readonly RecordCheck[] =>
  checks.map((check) => {
    const record = records.find(({ id }) => id === check.id);
    if (record === undefined || isDelegation(record) || isGood(check)) return check;
    return { ...check, hint: 'We make this record, once the NS record leads to us.' };
  });
