import type { Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { RepairRequest } from '#shared/app/ports/rotation-requests.ts';
import type { RotationRuns } from '#shared/app/ports/rotation-runs.ts';
import { isNewlyPromoted } from './newly-promoted.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/** No mail can be signed with this key, however often it is tried: its domain needs another. */
export class UnusableKey extends Error {
  readonly claim: Claim;
  readonly key: RingKey;
  /** True if it was revoked and its ring does not show that, as after a restore of the claims. */
  readonly isRevoked: boolean;

  constructor(
    claim: Claim,
    key: RingKey,
    why: string,
    { isRevoked = false, ...options }: ErrorOptions & { readonly isRevoked?: boolean } = {},
  ) {
    super(`the key ${key.id} of ${claim.domain} cannot sign: ${why}`, options);
    this.name = 'UnusableKey';
    this.claim = claim;
    this.key = key;
    this.isRevoked = isRevoked;
  }
}

/** Asked for again after this time, where the key still is the current one. */
const ASK_AGAIN_MS = 5 * MINUTE_MS;
const MAX_KEYS = 1_000;

export interface AskPorts {
  readonly rotationQueue: Queue<RepairRequest>;
  readonly runs: Pick<RotationRuns, 'countSample'>;
  readonly clock: Clock;
}

/**
 * Has signing moved away from a key that cannot sign; for each key once in five minutes. A key that
 * a run has promoted counts for its wave as a mail that does not verify, which it would not; one
 * that was revoked says nothing of the run.
 */
export function askForAnotherKey({
  rotationQueue,
  runs,
  clock,
}: AskPorts): (error: UnusableKey) => Promise<void> {
  const asked = new Map<string, number>();
  return async ({ claim, key, isRevoked }) => {
    const { shard, label, rotated } = claim;
    const now = clock.now();
    if (now.getTime() - (asked.get(key.id) ?? 0) < ASK_AGAIN_MS) return;
    if (asked.size >= MAX_KEYS) asked.clear();
    asked.set(key.id, now.getTime());
    await rotationQueue.send([{ kind: 'mend', shard, label, unusable: key.id }]);
    if (isRevoked || rotated?.wave === undefined || !isNewlyPromoted(claim, key, now)) return;
    const { period, wave } = rotated;
    await runs.countSample({ period, wave, verified: false });
  };
}
