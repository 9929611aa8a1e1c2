import type { Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import { HOUR_MS } from '#shared/core/time.ts';

/** The time that a key is newly promoted after a run promoted it; the run may still be halted for it. */
const NEWLY_PROMOTED_MS = 72 * HOUR_MS;

/** Returns true if a key signs because a run of the rotation has just promoted it. */
export function isNewlyPromoted({ rotated }: Claim, { since }: RingKey, now: Date): boolean {
  if (rotated?.wave === undefined || since !== rotated.at) return false;
  return now.getTime() - Date.parse(rotated.at) < NEWLY_PROMOTED_MS;
}
