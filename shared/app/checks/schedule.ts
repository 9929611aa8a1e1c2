import { PENDING_CLAIM_DAYS, type Claim } from '#shared/core/model/claim.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/core/time.ts';

/** The waits of the first hour, one after the other; then hourly for a day, then every six hours. */
const FIRST_WAITS_MS = [1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE_MS);

/**
 * Returns the wait before the next check of a record that the customer is about to put right. It
 * depends on the time waited, not on the number of checks, so that "check now" does not slow it
 * down.
 *
 * @param waited milliseconds since the first check
 * @returns milliseconds
 */
export function backOff(waited: number): number {
  let point = 0;
  for (const wait of FIRST_WAITS_MS) {
    point += wait;
    if (waited < point) return point - waited;
  }
  if (waited < DAY_MS) return HOUR_MS;
  return waited < PENDING_CLAIM_DAYS * DAY_MS ? 6 * HOUR_MS : DAY_MS;
}

/** The facts beside the claim that its due time depends on. */
export interface Awaited {
  readonly lastSentAt?: string;
  /** Since when SES's record is seen while SES has not confirmed the identity. */
  readonly identitySeenSince?: string;
}

/**
 * When a live claim is to be checked next.
 *
 * - `pending`: by the back-off.
 * - `verified`: daily; hourly where it sent mail in the last 24 hours.
 * - `at-risk`: hourly. `lost`: every six hours, since its owner may put it right at any time.
 * - While SES has yet to find its record: by the back-off, if that is sooner.
 *
 * @param jitter 0 up to 1: spreads what fell together
 */
export function nextDue(
  { status, statusSince }: Pick<Claim, 'status' | 'statusSince'>,
  { lastSentAt, identitySeenSince }: Awaited,
  now: Date,
  jitter: number,
): Date {
  const since = (at: string): number => now.getTime() - Date.parse(at);
  // Awaited things are checked a little after their point, since earlier would cost one more check.
  // Regular ones are checked a little before, so that daily means daily.
  const awaited = (at: string): number => backOff(since(at)) * (1 + jitter / 10);
  const regular = (wait: number): number => wait * (1 - jitter / 10);
  const sentLately = lastSentAt !== undefined && since(lastSentAt) < DAY_MS;
  const waits = {
    pending: () => awaited(statusSince),
    verified: () => regular(sentLately ? HOUR_MS : DAY_MS),
    'at-risk': () => regular(HOUR_MS),
    lost: () => regular(6 * HOUR_MS),
  };
  const own = waits[status]();
  const wait = identitySeenSince === undefined ? own : Math.min(own, awaited(identitySeenSince));
  return new Date(now.getTime() + wait);
}
