import { DAY_SECONDS } from '../time.ts';
import type { AggregateReport } from './aggregate-report.ts';
import { type Day, dayOf, daysAfter } from './day.ts';
import type { Group } from './group.ts';

type Range = Pick<AggregateReport, 'begin' | 'end'>;

/** A day in any time zone, and the clocks of receivers who are late. */
const MOST_OF_A_DAY = 2 * DAY_SECONDS;

/** Returns true if a report is of several days, so that it is no evidence of any one of them. */
export const isCoarse = ({ begin, end }: Range): boolean => end - begin > MOST_OF_A_DAY;

/** The day that contains the middle of a report's time: a daily report counts for it. */
export const dayOfReport = ({ begin, end }: Range): Day => dayOf(((begin + end) / 2) * 1_000);

/** A day's share of a report. */
export interface DayShare {
  readonly day: Day;
  readonly groups: readonly Group[];
}

/**
 * Spreads the groups of a report evenly over the time that it is of. The shares of a group add up
 * to its messages.
 *
 * @returns the day of the middle first, even where nothing falls on it; other days where something does
 */
export function spread({ begin, end }: Range, groups: readonly Group[]): DayShare[] {
  const middle = dayOfReport({ begin, end });
  const shares: DayShare[] = [];
  const last = dayOf(end * 1_000);
  const length = end - begin;
  let until = 0;
  for (let day = dayOf(begin * 1_000); day <= last; day = daysAfter(day, 1)) {
    const since = until;
    const dayEnd = Date.parse(daysAfter(day, 1)) / 1_000;
    until = Math.min(length, dayEnd - begin);
    const share = shareOf(groups, length, since, until);
    if (day === middle) shares.unshift({ day, groups: share });
    else if (share.length > 0) shares.push({ day, groups: share });
  }
  return shares;
}

/** The messages between two seconds of a report of so many; exact, whatever their number. */
const shareOf = (groups: readonly Group[], length: number, since: number, until: number): Group[] =>
  groups.flatMap((group, index) => {
    const offset = BigInt(offsetOf(index, length));
    const before = (second: number) =>
      (BigInt(group.messages) * BigInt(second) + offset) / BigInt(length);
    const messages = Number(before(until) - before(since));
    return messages === 0 ? [] : [{ ...group, messages }];
  });

const GOLDEN_RATIO = 0.618_033_988_75;

/** Makes the groups' few messages fall on different days; less than the length. */
const offsetOf = (index: number, length: number): number =>
  Math.floor(((index * GOLDEN_RATIO) % 1) * length);
