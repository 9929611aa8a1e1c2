import type { RetryTime } from '#shared/async/retry.ts';

/** A clock that only sleeping moves, so that waiting is exact and takes no time. */
export class FakeTime implements RetryTime {
  #now: number;
  /** Milliseconds of each sleep so far. */
  readonly slept: number[] = [];

  constructor(start = '2026-11-23T00:00:00.000Z') {
    this.#now = Date.parse(start);
  }

  readonly clock = { now: () => new Date(this.#now) };
  readonly sleep = async (milliseconds: number): Promise<void> => {
    this.slept.push(milliseconds);
    this.#now += milliseconds;
  };
  readonly random = () => 0.5;

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
