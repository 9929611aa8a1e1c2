import { DELETED_KEYS_DAYS, isDelegated, type Claim } from '#shared/core/model/claim.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { pointsAt } from './decide/evidence.ts';
import { answersTo, observe } from './lookup/observations.ts';
import { sendIdentityRequests, turnOf } from '../identity-views.ts';
import type { CheckPorts } from './ports.ts';
import { requestZone } from './request-zone.ts';
import { ownQuestion, resolvedQuestion } from './lookup/questions.ts';
import { DAY_MS, HOUR_MS } from '#shared/core/time.ts';

/**
 * Checks a deleted claim: retires it once its keys have been published for 7 days after the
 * deletion, or at once where it was never proven and nothing ever pointed at it; until then only
 * reschedules.
 *
 * @returns the claim as it is now: the retired claim where it was retired
 * @throws Conflict where another writer wrote the claim, and may have undone the deletion
 */
export async function endOfDeletion(claim: Claim, ports: CheckPorts, now: Date): Promise<Claim> {
  const { tenant, domain, label, lifecycle, deletedAt } = claim;
  if (lifecycle !== 'deleting') {
    await ports.checks.forget(label);
    return claim;
  }
  const over = Date.parse(deletedAt ?? claim.statusSince) + DELETED_KEYS_DAYS * DAY_MS;
  // Nothing points at it and nothing was sent, so that its place in the shard is free at once.
  const isUnused = claim.pendingWhileDeleting === true && claim.seenAt === undefined;
  if (isUnused && now.getTime() < over && !(await mayHaveCnameTarget(claim, ports))) {
    return retire(claim, { ...claim, version: claim.version + 1, lifecycle: 'expired' }, ports);
  }
  if (now.getTime() < over) {
    // Hourly, though there is nothing to see, so that a deletion that is undone is soon checked.
    const dueAt = new Date(Math.min(over, now.getTime() + HOUR_MS)).toISOString();
    await ports.checks.schedule({ tenant, domain, label, dueAt });
    return claim;
  }
  const kept = claim.seenAt !== undefined || (await mayHaveCnameTarget(claim, ports));
  return retire(
    claim,
    { ...claim, version: claim.version + 1, lifecycle: kept ? 'tombstone' : 'expired' },
    ports,
  );
}

/** Retires a claim; the domain's SES identity goes with its last one, in a turn of the claim's own. */
export async function retire(claim: Claim, retired: Claim, ports: CheckPorts): Promise<Claim> {
  await ports.claims.retire(claim, retired);
  await sendIdentityRequests(ports.identityQueue, [turnOf(claim)]);
  if (isDelegated(claim)) await requestZone(claim, ports.delegationQueue);
  await ports.checks.forget(claim.label);
  return retired;
}

/**
 * Queries an apparently unused claim once more, since a name that points at us needs a record (RFC
 * 7208 §5.2). Where DNS does not answer, it may point.
 */
async function mayHaveCnameTarget(
  claim: Claim,
  { resolver, deployment }: CheckPorts,
): Promise<boolean> {
  const records = customerRecords(claim, undefined, deployment);
  const observations = await observe(resolver, [
    ...records.map(ownQuestion),
    ...records.map(resolvedQuestion),
  ]);
  if (pointsAt(claim, observations)) return true;
  return records.some(
    (record) =>
      answersTo(observations, ownQuestion(record)).length === 0 &&
      answersTo(observations, resolvedQuestion(record)).every(
        ({ outcome }) => outcome === 'unknown',
      ),
  );
}
