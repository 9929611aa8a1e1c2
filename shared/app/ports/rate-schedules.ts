import type { RateSchedule } from '#shared/core/model/rate-lease.ts';

/** The schedule of an exit as it is stored. */
export interface StoredSchedule extends RateSchedule {
  /** When a signer last asked for the rate, or promised to, epoch milliseconds. */
  readonly rateAskedAt: number;
}

/** The schedule of one exit, which all signers share. */
export interface RateSchedules {
  /** The schedule as it was a moment ago; undefined where nothing was sent yet. */
  read(): Promise<StoredSchedule | undefined>;
  /**
   * Changes the schedule by one conditional write; decides again where another came first.
   *
   * @throws Conflict where others came first each time; what the table throws
   */
  change<Result>(
    decide: (before: StoredSchedule | undefined) => {
      readonly next: StoredSchedule;
      readonly result: Result;
    },
  ): Promise<Result>;
}
