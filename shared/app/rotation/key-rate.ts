import type { Throttled } from '#shared/core/model/errors.ts';
import type { RotationRateLimiter } from '../ports/rotation-rate-limiter.ts';
import type { RotationPorts } from './ports.ts';

/** Says when keys are made, so that KMS is asked no more often than it allows. */
export interface KeyRate {
  /**
   * Reserves the time of each of `count` keys.
   *
   * @returns when each may be made, epoch milliseconds
   */
  reserve(count: number): Promise<readonly number[]>;
  /** Notes that KMS throttled a key. */
  slowDown(error: Throttled): Promise<void>;
}

/** Makes every key at once: for the one that a person waits for. */
export const unlimitedRate: KeyRate = {
  reserve: async (count) => Array.from({ length: count }, () => 0),
  slowDown: async () => {},
};

/** Milliseconds that a throttle leaves free before the next key of all workers. */
const HOLD_MS = 2_000;

/**
 * Keeps the common rate of all workers for one batch of keys. The first throttle of a batch slows
 * all workers down.
 *
 * @param perSecond keys that all workers together make in a second
 */
export function limitedRate(
  perSecond: number,
  rateLimiter: RotationRateLimiter,
  { retryTime, log }: Pick<RotationPorts, 'retryTime' | 'log'>,
): KeyRate {
  const now = () => retryTime.clock.now().getTime();
  let isHeld = false;
  return {
    async reserve(count) {
      const interval = 1_000 / perSecond;
      const first = await rateLimiter.reserve(count, interval, now());
      return Array.from({ length: count }, (_, index) => first + index * interval);
    },
    async slowDown({ message: reason }) {
      log({ kind: 'throttled', reason });
      if (isHeld) return;
      isHeld = true;
      await rateLimiter.hold(HOLD_MS, now());
    },
  };
}
