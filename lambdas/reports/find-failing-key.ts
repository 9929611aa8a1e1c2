import { isProven, type Claim } from '#shared/core/model/claim.ts';
import { currentKey, previousKey, type RingKey } from '#shared/core/model/key-ring.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { ReportStore } from '#shared/app/ports/report-store.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import { dayOf, daysAfter } from '#shared/core/reports/day.ts';
import type { Group } from '#shared/core/reports/group.ts';
import type { KeyFailure } from '#shared/core/reports/key-failure.ts';
import { newKeyFailing } from '#shared/core/reports/new-key-failing.ts';
import { sourceContext } from '#shared/core/reports/sources.ts';

export interface KeyFailurePorts {
  readonly deployment: Pick<Deployment, 'selectors' | 'bounceLabel'>;
  readonly store: Pick<ReportStore, 'read' | 'flagKey'>;
  readonly resolver: Pick<Resolver, 'lookup'>;
  readonly rotationQueue: Queue<RotationRequest>;
}

/** A key is new for so long; the one before is published still. */
const NEW_DAYS = 30;
/** Days before the promotion that show how the old key did. */
const BEFORE_DAYS = 28;

/**
 * Checks a verified report for a newly promoted key that fails where the one before passed. If so,
 * flags it and has the rotation move signing away from it.
 *
 * @param groups of the report that was just counted
 * @returns what fails, undefined where nothing does
 */
export async function findFailingKey(
  claim: Claim,
  groups: readonly Group[],
  now: Date,
  ports: KeyFailurePorts,
): Promise<KeyFailure | undefined> {
  const promoted = newlyPromoted(claim, now);
  if (promoted === undefined) return undefined;
  const { current, previous, since } = promoted;
  if (!groups.some(({ signature }) => failsWith(signature, claim.domain, current.selector))) {
    return undefined;
  }
  const { aggregates } = await ports.store.read(
    claim.label,
    daysAfter(since, -BEFORE_DAYS),
    dayOf(now),
  );
  const failure = newKeyFailing(
    aggregates,
    sourceContext(claim.domain, ports.deployment),
    { current: current.selector, previous: previous.selector, since },
    await isWrongInDns(claim, current, ports.resolver),
  );
  if (failure === undefined) return undefined;
  const { shard, label } = claim;
  await ports.store.flagKey(label, { ...failure, day: dayOf(now), at: now.toISOString() });
  await ports.rotationQueue.send([{ kind: 'mend', shard, label, unusable: current.id }]);
  return failure;
}

function newlyPromoted(
  claim: Claim,
  now: Date,
): { current: RingKey; previous: RingKey; since: string } | undefined {
  const current = currentKey(claim.keys);
  const previous = previousKey(claim.keys);
  if (!isProven(claim) || current?.firstSignedAt === undefined || previous === undefined) {
    return undefined;
  }
  // After a step back the old one signs again, which is not new.
  const newer = current.firstSignedAt > (previous.firstSignedAt ?? '');
  const since = dayOf(Date.parse(current.firstSignedAt));
  return newer && daysAfter(since, NEW_DAYS) >= dayOf(now)
    ? { current, previous, since }
    : undefined;
}

const failsWith = (signature: Group['signature'], domain: string, selector: string): boolean =>
  signature?.domain === domain &&
  signature.selector === selector &&
  (signature.result === 'fail' || signature.result === 'permerror');

/**
 * Returns true if our own resolvers see another key, or none, by the customer's name; silence
 * proves nothing.
 */
async function isWrongInDns(
  { domain }: Claim,
  { selector, publicKey }: RingKey,
  resolver: Pick<Resolver, 'lookup'>,
): Promise<boolean> {
  const { outcome, values } = await resolver.lookup(`${selector}._domainkey.${domain}`, 'TXT');
  if (outcome === 'unknown') return false;
  return !values.some((value) => value.replaceAll(/\s/g, '').includes(`p=${publicKey}`));
}
