import { DAY_MS } from '../time.ts';
import type { Claim } from './claim.ts';

/** How long the service waits for people, in days; the operator decides. */
export interface PendingDays {
  /** How long a claim waits for its first record. */
  readonly claimDays: number;
  /** How long a share link opens. */
  readonly linkDays: number;
}

/** Long enough for a designer who comes to it once in a quarter. */
export const PENDING_DAYS: PendingDays = { claimDays: 180, linkDays: 180 };

/** Days before its end that a claim's tenant is warned; half of the time where that is less. */
const WARNING_DAYS = 14;

/**
 * Returns when a pending claim expires, unless something in DNS points at it by then.
 *
 * @param silentMs milliseconds in which DNS said nothing, which do not count
 */
export const expiryOf = (
  { statusSince }: Pick<Claim, 'statusSince'>,
  { claimDays }: Pick<PendingDays, 'claimDays'>,
  silentMs = 0,
): Date => new Date(Date.parse(statusSince) + claimDays * DAY_MS + silentMs);

/** Returns true from the time on that a tenant is to be warned of the end of a claim. */
export const isExpiring = (
  expiry: Date,
  { claimDays }: Pick<PendingDays, 'claimDays'>,
  now: Date,
): boolean => now.getTime() >= expiry.getTime() - Math.min(WARNING_DAYS, claimDays / 2) * DAY_MS;

/**
 * Returns true if the same tenant may have the label of a retired claim again: it expired, and
 * nothing ever pointed at it. What was proven, lost or deleted is over for good, so that what is left
 * of it in DNS proves nothing.
 */
export const isReclaimable = ({
  lifecycle,
  verifiedAt,
  seenAt,
  deletedAt,
}: Pick<Claim, 'lifecycle' | 'verifiedAt' | 'seenAt' | 'deletedAt'>): boolean =>
  lifecycle === 'expired' &&
  verifiedAt === undefined &&
  seenAt === undefined &&
  deletedAt === undefined;

/**
 * Returns when a claim expires unless something in DNS points at it by then, ISO 8601; undefined
 * where something did, or where it does not wait.
 */
export const expiresAt = (claim: Claim, days: Pick<PendingDays, 'claimDays'>): string | undefined =>
  claim.lifecycle === 'live' && claim.status === 'pending' && claim.seenAt === undefined
    ? (claim.expiring?.expiresAt ?? expiryOf(claim, days).toISOString())
    : undefined;
