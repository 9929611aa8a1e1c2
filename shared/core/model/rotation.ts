import { createHash } from 'node:crypto';
import type { NotDue } from './key-ring.ts';
import type { Label } from './names.ts';

/**
 * The reason why the DNS precheck before a key's promotion failed.
 *
 * - `cname-missing`: the customer has no record where the CNAME to the slot belongs.
 * - `cname-wrong`: there is one, but it does not point at this slot of this claim.
 * - `key-differs`: a resolver finds another key there than the one that would sign.
 * - `record-missing`, `record-wrong`: likewise of a claim that hosts its keys itself, whose record
 *   is to be the key.
 * - `dns-unknown`: too few servers answered.
 */
export type DnsPrecheckReason =
  | 'cname-missing'
  | 'cname-wrong'
  | 'record-missing'
  | 'record-wrong'
  | 'key-differs'
  | 'dns-unknown';

/**
 * The reason why a domain's rotation is blocked until something other than time changes.
 *
 * - the reasons of the DNS precheck
 * - `not-insync`: the next key's record has not reached all of our name servers.
 * - `no-next`: there is no next key (a slot shows a revoked one, or waits for its new key).
 * - `paused`: no key is fit to sign.
 */
export type BlockedReason = DnsPrecheckReason | 'not-insync' | 'no-next' | 'paused';

/**
 * The reason why a domain that hosts its keys itself waits for its customer, without a limit.
 *
 * - the reasons of the DNS precheck, except `dns-unknown`
 * - `record-to-change`: a new key is prepared; it counts once the customer's DNS shows it.
 * - `no-key-seen`: none of its keys is in the customer's DNS, so none signs.
 */
export type AwaitedReason =
  | Exclude<DnsPrecheckReason, 'dns-unknown'>
  | 'record-to-change'
  | 'no-key-seen';

/** The outcome of one domain in a run. */
export type RotationOutcome =
  | { readonly kind: 'rotated' }
  /** This period's rotation was made before. */
  | { readonly kind: 'already' }
  /** The claim is not proven, or not there any more. */
  | { readonly kind: 'not-signing' }
  | { readonly kind: 'not-due'; readonly reason: NotDue['reason']; readonly retryAt: string }
  | { readonly kind: 'held-back'; readonly reason: BlockedReason; readonly detail: string }
  | { readonly kind: 'awaits-customer'; readonly reason: AwaitedReason; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string };

/** Counts of outcomes; what was made before counts as rotated. */
export type TallyKey =
  | 'rotated'
  | 'not-signing'
  | 'not-due'
  | 'awaits-customer'
  | 'failed'
  | `held-back:${BlockedReason}`;
export type Tally = Readonly<Partial<Record<TallyKey, number>>>;

export function tallyKey(outcome: RotationOutcome): TallyKey {
  if (outcome.kind === 'held-back') return `held-back:${outcome.reason}`;
  return outcome.kind === 'already' ? 'rotated' : outcome.kind;
}

export function addToTally(tally: Tally, outcome: RotationOutcome): Tally {
  const key = tallyKey(outcome);
  return { ...tally, [key]: (tally[key] ?? 0) + 1 };
}

/**
 * The month of a run, `YYYY-MM`: that of the time for which the Scheduler scheduled it, never the
 * clock's, so that a late or repeated call means the same run.
 *
 * @param scheduledTime ISO 8601, UTC
 * @throws TypeError where it is not a time
 */
export function periodOf(scheduledTime: unknown): string {
  if (typeof scheduledTime !== 'string' || Number.isNaN(Date.parse(scheduledTime))) {
    throw new TypeError(
      `the scheduled time ${JSON.stringify(scheduledTime)} is not a time; the Scheduler must send <aws.scheduler.scheduled-time>`,
    );
  }
  return new Date(scheduledTime).toISOString().slice(0, 7);
}

/** The operator's own domains, then 1% and 10% of the others, then the rest. */
export const WAVES = ['own', '1%', '10%', 'rest'] as const;
export const OWN_WAVE = 0;

/** The upper ends of the waves after the operator's own, of 10,000. */
const waveEnds = [100, 1_100, 10_000];

/** The wave of a claim that is not the operator's own; others in each period go first. */
export function waveOf(label: Label, period: string): number {
  const digest = createHash('sha256').update(`${period} ${label}`).digest();
  const place = digest.readUInt32BE(0) % 10_000;
  return 1 + waveEnds.findIndex((end) => place < end);
}

/** The share of failing verifications among the sampled mail of a run that halts it. */
export const MOST_FAILING = 0.001;
