import type { Label } from '#shared/core/model/names.ts';
import type {
  Day,
  DayRefusals,
  DayAggregates,
  FlaggedKey,
  Refused,
} from '#shared/core/reports/day.ts';
import type { Group } from '#shared/core/reports/group.ts';

/** The retention of aggregates, days: a year and some weeks to review it. */
export const AGGREGATE_DAYS = 400;
/** The retention of raw report mail, days. */
export const RAW_REPORT_DAYS = 90;
/** Reports that one reporter's day takes; a receiver sends one, large ones a few dozen. */
export const MAX_REPORTS_PER_REPORTER = 1_000;
/** The bound of a day's unverified reports; anyone can send those. */
export const MAX_UNVERIFIED_REPORTS = 200;

/** A report that is to be counted. */
export interface CountedReport {
  readonly label: Label;
  readonly day: Day;
  /** The reporter that is proven; undefined for an unverified report. */
  readonly reporter: string | undefined;
  /** `reportKey`: the same report is counted once for a label, day and reporter. */
  readonly key: string;
  /**
   * `earlierReportKey`: version 0.2 may have counted the report by it, for this day; undefined where
   * it counted it for another.
   */
  readonly earlierKey: string | undefined;
  /** True if the day has only a share of the report: such counts are kept apart from a day's own. */
  readonly coarse: boolean;
  readonly organization: string;
  /** Rows that could not be read. */
  readonly unreadableRows: number;
  readonly groups: readonly Group[];
}

/**
 * - `added`: it is in the aggregates now.
 * - `repeated`: it was there before.
 * - `counted-earlier`: an earlier version counted it, all of it on this day.
 * - `full`: the day has taken as many as it takes.
 */
export type Counted = 'added' | 'repeated' | 'counted-earlier' | 'full';

/** The aggregates of a claim's aggregate reports, by label, day and reporter. */
export interface ReportStore {
  /**
   * Adds a report to its day once, in one conditional write.
   *
   * @throws Conflict where others write the same day each time
   */
  add(report: CountedReport): Promise<Counted>;
  /**
   * Notes a mail that gave no aggregates, for its label to read.
   *
   * @throws Conflict where others write the same day each time
   */
  refuse(label: Label, day: Day, refused: Refused): Promise<void>;
  /**
   * Flags a key of the label as failing, once a day.
   *
   * @throws Conflict where others write the same day each time
   */
  flagKey(label: Label, flagged: FlaggedKey): Promise<void>;
  /** The aggregates, refusals and flags of the days from `from` to `to`, both included, by day. */
  read(label: Label, from: Day, to: Day): Promise<StoredDays>;
}

export interface StoredDays {
  readonly aggregates: readonly DayAggregates[];
  readonly refusals: readonly DayRefusals[];
  readonly flaggedKeys: readonly FlaggedKey[];
}

/** Raw mail to report addresses, as the receipt rule stores it. */
export interface ReportMails {
  /**
   * @param most bytes; larger mail is not read
   * @returns undefined where the mail is gone
   */
  get(key: string, most: number): Promise<Buffer | 'too-large' | undefined>;
}
