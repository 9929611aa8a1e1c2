import type { RateSchedules, StoredSchedule } from '#shared/app/ports/rate-schedules.ts';

/** The schedule of an exit in memory. */
export class MemoryRateSchedules implements RateSchedules {
  stored: StoredSchedule | undefined;
  /** Changes that were written. */
  writes = 0;
  /** Errors that the next changes fail with, one each. */
  readonly failing: Error[] = [];

  async read(): Promise<StoredSchedule | undefined> {
    return this.stored;
  }

  async change<Result>(
    decide: (before: StoredSchedule | undefined) => { next: StoredSchedule; result: Result },
  ): Promise<Result> {
    const failure = this.failing.shift();
    if (failure !== undefined) throw failure;
    const { next, result } = decide(this.stored);
    if (next !== this.stored) this.writes += 1;
    this.stored = next;
    return result;
  }
}
