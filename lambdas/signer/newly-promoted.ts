import type { Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import { HOUR_MS } from '#shared/core/time.ts';

/** For so long after its promotion in a run a key is fresh: the run may still be halted for it. */
const NEWLY_PROMOTED_MS = 72 * HOUR_MS;

/** Whether a key signs because a run of the rotation has just promoted it. */
export function isNewlyPromoted({ rotated }: Claim, { since }: RingKey, now: Date): boolean {
  if (rotated?.wave === undefined || since !== rotated.at) return false;
  return now.getTime() - Date.parse(rotated.at) < NEWLY_PROMOTED_MS;
}
