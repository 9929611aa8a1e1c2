import type { KeyId } from './names.ts';

/**
 * The answer of a domain's own name servers about one of its keys.
 *
 * - `correct`: a server leads receivers to the very key.
 * - `absent`: every server that answers leads elsewhere, or nowhere; at least two answered.
 * - `unknown`: too few answered. It changes nothing.
 */
export type KeySight = 'correct' | 'absent' | 'unknown';

/** The last sight of the key that signs, stored with the claim's checks and shared by all signers. */
export interface KeyVerdict {
  readonly keyId: KeyId;
  readonly sight: 'correct' | 'absent';
  /** When it was last seen so, ISO 8601. */
  readonly at: string;
  /** When it was first seen so without a break, ISO 8601. */
  readonly since: string;
}

/** A verdict is good for this long: no mail within it waits for a query. */
export const VERDICT_FRESH_MS = 60_000;
/** A key is certainly absent after two sights that are this far apart. */
export const ABSENT_TWICE_MS = 10_000;
/** Sights further apart than this do not confirm each other, and silence no longer means the last. */
const SAME_ABSENCE_MS = 15 * 60_000;

/**
 * Joins a sight to the verdict before it.
 *
 * @param before of this key or another, if any
 * @returns undefined where the sight says nothing
 */
export function nextVerdict(
  before: KeyVerdict | undefined,
  keyId: KeyId,
  sight: KeySight,
  now: Date,
): KeyVerdict | undefined {
  if (sight === 'unknown') return undefined;
  const at = now.toISOString();
  const goesOn =
    before?.keyId === keyId &&
    before.sight === sight &&
    now.getTime() - Date.parse(before.at) <= SAME_ABSENCE_MS;
  return { keyId, sight, at, since: goesOn ? before.since : at };
}

/** Returns true while a verdict is good without a new query. */
export const isFreshVerdict = (verdict: KeyVerdict, keyId: KeyId, now: Date): boolean =>
  verdict.keyId === keyId &&
  now.getTime() - Date.parse(verdict.at) <
    (verdict.sight === 'correct' ? VERDICT_FRESH_MS : ABSENT_TWICE_MS);

/**
 * Returns true while a certain absence holds though DNS does not answer now: that changes nothing,
 * in this direction either.
 */
export const isStillAbsent = (verdict: KeyVerdict, keyId: KeyId, now: Date): boolean =>
  verdict.keyId === keyId &&
  isCertainlyAbsent(verdict) &&
  now.getTime() - Date.parse(verdict.at) <= SAME_ABSENCE_MS;

/** Returns true if two sights, far enough apart, found the key absent. */
export const isCertainlyAbsent = ({ sight, at, since }: KeyVerdict): boolean =>
  sight === 'absent' && Date.parse(at) - Date.parse(since) >= ABSENT_TWICE_MS;
