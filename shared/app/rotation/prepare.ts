import { isProven, isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import {
  NEXT_INSYNC_HOURS,
  nextKey,
  replaceableAt,
  slotToRefill,
  spareKey,
  whyNotDue,
  withRevoked,
  type KeyRing,
  type NotDue,
  type Promoted,
  type RingKey,
} from '#shared/core/model/key-ring.ts';
import type { RotationOutcome } from '#shared/core/model/rotation.ts';
import { instructionsOf, recordsToChange } from '#shared/core/records/records-to-change.ts';
import { noKeyFit, noKeySeen } from './backlog.ts';
import { dnsPrecheck, insyncSinceOf, type DnsPrecheck } from './dns-precheck.ts';
import type { RotationPorts } from './ports.ts';
import type { ClaimState } from './state.ts';
import { isReady, type Occasion, type Ready } from './step.ts';
import { HOUR_MS, later } from '#shared/core/time.ts';

/**
 * Decides whether a claim rotates now. Where its next key's slot is broken, or not INSYNC, and it
 * has a spare that is intact, the spare is promoted instead.
 *
 * @param again true if a person asks for it: then the period's finished rotation does not matter
 */
export async function prepare(
  { claim, publication, revoked }: ClaimState,
  { period }: Occasion,
  ports: RotationPorts,
  { again = false }: { again?: boolean } = {},
): Promise<Ready | RotationOutcome> {
  if (!isProven(claim)) return { kind: 'not-signing' };
  if (!again && claim.rotated !== undefined && claim.rotated.period >= period) {
    return { kind: 'already' };
  }
  const now = ports.retryTime.clock.now();
  // The keys that a restored backup has forgotten; repairing writes them into the claim.
  const keys = withRevoked(claim.keys, revoked, now.toISOString());
  const self = isSelfHosted(claim);
  const attempt = async (promote: Promoted, key: RingKey): Promise<Ready | RotationOutcome> => {
    const insyncSince = insyncSinceOf(claim, key, publication);
    const notDue = whyNotDue(keys, claim.verifiedAt, insyncSince, now, promote);
    const isUnseen = self && notDue?.reason === 'next-not-insync-long-enough';
    if (notDue !== undefined && !isUnseen) return waiting(notDue, claim);
    const precheck = await dnsPrecheck(claim, key, ports.resolver, 'all');
    if (!precheck.open) return heldBy(precheck, self);
    if (notDue !== undefined) return waiting({ retryAt: seenLongEnough(now), ...notDue }, claim);
    const refill = slotToRefill(keys)?.selector;
    const step = self && refill !== undefined ? 'prepare' : 'rotate';
    return { claim, step, promote, insyncSince, refill };
  };
  if (keys !== claim.keys) return waiting({ reason: 'no-current' }, claim);
  // The ring has already taken prepared keys that are seen, before this is asked.
  if (slotToRefill(keys)?.prepared !== undefined) return toBeChanged(claim);
  const next = nextKey(keys);
  if (next === undefined) return waiting(whyNext(keys), claim);
  const first = await attempt('next', next);
  if (isReady(first) || !waitsForRecords.has(first.kind)) return first;
  const spare = spareKey(keys);
  const second = spare === undefined ? first : await attempt('spare', spare);
  return isReady(second) ? second : first;
}

const waitsForRecords: ReadonlySet<string> = new Set(['held-back', 'awaits-customer']);

/**
 * Returns what a failed DNS precheck keeps a domain from; the records of a self-hosted one are its
 * customer's.
 */
const heldBy = (
  { reason, detail }: Extract<DnsPrecheck, { open: false }>,
  self: boolean,
): RotationOutcome =>
  self && reason !== 'dns-unknown'
    ? { kind: 'awaits-customer', reason, detail }
    : { kind: 'held-back', reason, detail };

/** When a key that is seen, but of which no check has noted since when, was so long enough. */
const seenLongEnough = (now: Date): string => later(now, NEXT_INSYNC_HOURS * HOUR_MS);

/** Returns what the customer of a self-hosted claim is to do before its keys move on. */
export const toBeChanged = (claim: Claim): RotationOutcome => ({
  kind: 'awaits-customer',
  reason: 'record-to-change',
  detail: instructionsOf(recordsToChange(claim)),
});

const whyNext = (keys: KeyRing): NotDue =>
  keys.some(({ state }) => state === 'current') ? { reason: 'no-next' } : { reason: 'no-current' };

/** Claims that only wait for a time are not due; the rest are blocked. */
function waiting({ reason, retryAt }: NotDue, claim: Claim): RotationOutcome {
  const { domain } = claim;
  if (retryAt !== undefined) return { kind: 'not-due', reason, retryAt };
  const own = isSelfHosted(claim) ? waitingForCustomer(reason, claim) : undefined;
  if (own !== undefined) return own;
  switch (reason) {
    case 'no-current':
      return { kind: 'held-back', reason: 'paused', detail: noKeyFit(claim) };
    case 'no-next':
      return {
        kind: 'held-back',
        reason: 'no-next',
        detail: `${domain} has no next key; a slot that shows a revoked one takes a new key 7 days after.`,
      };
    case 'current-too-young':
    case 'next-not-insync-long-enough':
    case 'previous-too-fresh':
      return {
        kind: 'held-back',
        reason: 'not-insync',
        detail: `The next key of ${domain} is not known to be on all of our name servers.`,
      };
  }
}

/** @returns undefined where it does not */
function waitingForCustomer(reason: NotDue['reason'], claim: Claim): RotationOutcome | undefined {
  if (reason === 'no-current') return noKeySeen(claim);
  if (recordsToChange(claim).length > 0) return toBeChanged(claim);
  const retryAt = replaceableAt(claim.keys, 0);
  return retryAt === undefined ? undefined : { kind: 'not-due', reason, retryAt };
}
