import { SENT_PRECISION_SECONDS } from '../ports/check-store.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/core/time.ts';

/**
 * Less than half of the planner's minute, so that each of its runs finds the check due: what is put
 * right is seen within 90 s.
 */
const SOON_MS = 25_000;
/** A claim that waited for so long is checked daily. */
const DAILY_AFTER_MS = 14 * DAY_MS;
/** After the first hour each wait is this part of the time waited, up to an hour. */
const PART = 1 / 12;

/**
 * Returns the wait before the next check of a record that the customer is about to put right: by
 * every run of the planner for an hour, then after 5 minutes, ever less often up to hourly at 12
 * hours; after a day every six hours, after two weeks daily. It depends on the time waited, not on
 * the number of checks, so that "check now" does not slow it down. That makes 103 checks on the first
 * day, 4 on each of the next 13, then one a day: 321 in the 180 days that a claim waits, of which 4 a
 * day throughout would make 819.
 *
 * @param waited milliseconds since the record was first amiss
 * @returns milliseconds
 */
export function backOff(waited: number): number {
  if (waited < HOUR_MS) return SOON_MS;
  if (waited < DAY_MS) return Math.min(HOUR_MS, waited * PART);
  return waited < DAILY_AFTER_MS ? 6 * HOUR_MS : DAY_MS;
}

/** The waits of the first hour, one after the other. */
const IDENTITY_WAITS_MS = [1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE_MS);

/**
 * Returns the wait while SES has yet to find its record, at SES's one control call a second: five
 * waits in the first hour, then hourly for a day, then every six hours.
 */
function identityBackOff(waited: number): number {
  let point = 0;
  for (const wait of IDENTITY_WAITS_MS) {
    point += wait;
    if (waited < point) return point - waited;
  }
  return waited < DAY_MS ? HOUR_MS : 6 * HOUR_MS;
}

/** The facts beside the claim that its due time depends on. */
export interface Awaited {
  readonly lastSentAt?: string;
  /** Since when SES's record is seen while SES has not confirmed the identity. */
  readonly identitySeenSince?: string;
  /** Since when something remains to be done of a record, required or not. */
  readonly amissSince?: string;
}

/**
 * When a live claim is to be checked next.
 *
 * - `pending`: by the back-off.
 * - `verified`: daily; hourly where it sent mail in the last 24 hours.
 * - `at-risk`: by the back-off, but hourly at least. `lost`: every six hours, since its owner may put
 *   it right at any time.
 * - On the first day that a record is amiss: by the back-off, if that is sooner.
 * - While SES has yet to find its record: by a back-off of its own, if that is sooner.
 *
 * @param jitter 0 up to 1: spreads what fell together
 */
export function nextDue(
  { status, statusSince }: Pick<Claim, 'status' | 'statusSince'>,
  { lastSentAt, identitySeenSince, amissSince }: Awaited,
  now: Date,
  jitter: number,
): Date {
  const since = (at: string): number => now.getTime() - Date.parse(at);
  // Awaited things are checked a little after their point, since earlier would cost one more check.
  // Regular ones are checked a little before, so that daily means daily.
  const awaited = (wait: number): number => wait * (1 + jitter / 10);
  const regular = (wait: number): number => wait * (1 - jitter / 10);
  const sentLately =
    lastSentAt !== undefined && since(lastSentAt) < DAY_MS + SENT_PRECISION_SECONDS * 1_000;
  const waits = {
    pending: () => awaited(backOff(since(statusSince))),
    verified: () => regular(sentLately ? HOUR_MS : DAY_MS),
    'at-risk': () => Math.min(regular(HOUR_MS), awaited(backOff(since(statusSince)))),
    lost: () => regular(6 * HOUR_MS),
  };
  const others = [
    identitySeenSince === undefined ? [] : awaited(identityBackOff(since(identitySeenSince))),
    amissSince === undefined || since(amissSince) >= DAY_MS
      ? []
      : awaited(backOff(since(amissSince))),
  ].flat();
  return new Date(now.getTime() + Math.min(waits[status](), ...others));
}
