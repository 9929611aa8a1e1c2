import { currentKey, nextKey, previousKey, type KeyRing } from './key-ring.ts';

/** How long a key must have signed before it may be replaced. */
export const SIGNED_DAYS = 14;
/** How long ago the previous key must have stopped signing before its slot takes a fresh one. */
export const RETIRED_DAYS = 8;
const DAY_MS = 86_400_000;

/**
 * Whether a ring is due for its rotation by the ages of its keys: the current one has signed for 14
 * days, the previous one, if there is any, stopped 8 days ago, and there is a next one to promote.
 * Whether the next one is published, and found by the customer's name, is asked when it is promoted.
 */
export function rotationDue(ring: KeyRing, now: Date): boolean {
  const since = (at: string | undefined): number =>
    at === undefined ? 0 : (now.getTime() - Date.parse(at)) / DAY_MS;
  const previous = previousKey(ring);
  return (
    nextKey(ring) !== undefined &&
    since(currentKey(ring)?.firstSignedAt) >= SIGNED_DAYS &&
    (previous === undefined || since(previous.lastSignedAt) >= RETIRED_DAYS)
  );
}
