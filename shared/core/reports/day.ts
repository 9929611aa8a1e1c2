import type { Group } from './group.ts';
import type { KeyFailure } from './key-failure.ts';
import { DAY_MS } from '../time.ts';

/** A UTC day, `2026-11-02`. */
export type Day = string;

export const dayOf = (time: number | Date): Day => new Date(time).toISOString().slice(0, 10);

/** The day so many days later; earlier where negative. */
export const daysAfter = (day: Day, days: number): Day => dayOf(Date.parse(day) + days * DAY_MS);

/** Counts the days from `earlier` to `later`. */
export const daysBetween = (earlier: Day, later: Day): number =>
  Math.round((Date.parse(later) - Date.parse(earlier)) / DAY_MS);

/** The counts of one reporter for a domain and day, or of all unverified reports together. */
export interface DayAggregates {
  readonly day: Day;
  /** The organisational domain that sent the reports, proven; undefined for unverified ones. */
  readonly reporter: string | undefined;
  readonly reports: number;
  /**
   * The keys of the reports of several days that these counts are a share of: such counts are no
   * evidence of any one day. Empty where the reports are of this day.
   */
  readonly coarseReports: readonly string[];
  /** Rows of the reports without a readable address or count; they are in no group. */
  readonly unreadableRows: number;
  /** The organizations that the reports name as theirs, at most `MAX_ORGANIZATIONS`. */
  readonly organizations: readonly string[];
  readonly groups: readonly Group[];
}

/** Mails to a domain's report address, in a day, that gave no aggregates. */
export interface DayRefusals {
  readonly day: Day;
  /** The number for each reason. */
  readonly counts: Readonly<Record<string, number>>;
  /** The last ones, at most `MAX_REFUSALS`. */
  readonly last: readonly Refused[];
}

export interface Refused {
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
  readonly detail: string;
  /** The proven reporter, where there is one. */
  readonly reporter?: string;
  /** The mail's key in the bucket. */
  readonly key: string;
}

/** A newly promoted key that receivers could not verify, found by the reports that came on a day. */
export interface FlaggedKey extends KeyFailure {
  readonly day: Day;
  /** When it was found last, ISO 8601. */
  readonly at: string;
}

export const MAX_ORGANIZATIONS = 20;
export const MAX_REFUSALS = 10;
