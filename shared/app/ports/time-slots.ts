/**
 * A rate that all instances share: slots in time, taken by conditional writes. A slot whose taker
 * ended passes unused, so that nobody's end holds up the others.
 */
export interface TimeSlots {
  /**
   * Takes the next `count` slots that are free, `intervalMs` apart, the first no earlier than `now`.
   *
   * @returns when the first one is, epoch milliseconds
   */
  reserve(count: number, intervalMs: number, now: number): Promise<number>;
  /** Leaves a gap of `milliseconds` before the next free slot: AWS asked to slow down. */
  hold(milliseconds: number, now: number): Promise<void>;
}
