/**
 * The common rate of all rotation workers, which keeps them within their share of the account's
 * quotas: slots in time, one for each rotation.
 */
export interface RotationRateLimiter {
  /**
   * Takes the next `count` slots that are free, `intervalMs` apart, the first no earlier than `now`.
   *
   * @returns when the first one is, epoch milliseconds
   */
  reserve(count: number, intervalMs: number, now: number): Promise<number>;
  /** Leaves a gap of `milliseconds` before the next free slot: AWS asked to slow down. */
  hold(milliseconds: number, now: number): Promise<void>;
}
