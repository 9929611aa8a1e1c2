import { type Day, type DayAggregates, daysAfter } from '../reports/day.ts';
import { type SourceContext, type SourceKind, sourced } from '../reports/sources.ts';
import type { StageTag } from '../model/roll-out.ts';

/**
 * One verified reporter's counts, for a day, of one source's mail from the domain or its
 * subdomains.
 */
export interface SourceDay {
  readonly day: Day;
  readonly reporter: string;
  readonly source: string;
  readonly kind: SourceKind;
  readonly tag: StageTag;
  /** Messages that passed DMARC, that failed it, and that passed by DKIM. */
  readonly passed: number;
  readonly failed: number;
  readonly dkim: number;
}

/**
 * Counts of verified reports for each source, for the roll-out. Unverified reports, reports of
 * several days, mail from elsewhere and from names that publish their own policy are ignored.
 */
export function evidenceOf(days: readonly DayAggregates[], context: SourceContext): SourceDay[] {
  const cells = new Map<string, { -readonly [Key in keyof SourceDay]: SourceDay[Key] }>();
  const verified = days.filter(({ reporter }) => reporter !== undefined);
  for (const { aggregates, group, source } of sourced(verified, context)) {
    if (aggregates.coarseReports.length > 0) continue;
    if (group.scope === 'foreign' || group.policyDomain !== undefined) continue;
    if (source.kind === 'forwarder') continue;
    const { day, reporter = '' } = aggregates;
    const tag = group.scope === 'domain' ? 'p' : 'sp';
    const key = `${day} ${reporter} ${tag} ${source.id}`;
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = {
        day,
        reporter,
        source: source.id,
        kind: source.kind,
        tag,
        passed: 0,
        failed: 0,
        dkim: 0,
      };
      cells.set(key, cell);
    }
    if (group.dkim || group.spf) cell.passed += group.messages;
    else cell.failed += group.messages;
    if (group.dkim) cell.dkim += group.messages;
  }
  return [...cells.values()];
}

/** The number of messages, and of those that passed. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export const messagesOf = ({ passed, failed }: Tally): number => passed + failed;
export const passRateOf = (tally: Tally): number =>
  messagesOf(tally) === 0 ? 1 : tally.passed / messagesOf(tally);

export const tallyOf = (evidence: readonly SourceDay[]): Tally => ({
  passed: evidence.reduce((sum, { passed }) => sum + passed, 0),
  failed: evidence.reduce((sum, { failed }) => sum + failed, 0),
});

/** The evidence of the days from `from` to `to`, both included. */
export const within = (evidence: readonly SourceDay[], from: Day, to: Day): SourceDay[] =>
  evidence.filter(({ day }) => day >= from && day <= to);

/** Mail that signs for the domain, so much on so many days, and mostly well, makes a source its own. */
const LEARNED_MESSAGES = 10;
const LEARNED_DAYS = 3;
const LEARNED_SHARE = 0.5;

/**
 * The sources whose mail is DKIM-aligned. SES counts as soon as any of its mail is: only a proven
 * domain can send there.
 */
export function alignedSources(evidence: readonly SourceDay[]): string[] {
  return [...bySource(evidence)]
    .filter(([, days]) => {
      const dkim = days.reduce((sum, one) => sum + one.dkim, 0);
      if (days[0]?.kind === 'service') return dkim > 0;
      const signedDays = new Set(days.filter((one) => one.dkim > 0).map(({ day }) => day));
      return (
        dkim >= LEARNED_MESSAGES &&
        signedDays.size >= LEARNED_DAYS &&
        dkim >= messagesOf(tallyOf(days)) * LEARNED_SHARE
      );
    })
    .map(([source]) => source);
}

export function bySource(evidence: readonly SourceDay[]): Map<string, SourceDay[]> {
  const sources = new Map<string, SourceDay[]>();
  for (const one of evidence) {
    const days = sources.get(one.source);
    if (days === undefined) sources.set(one.source, [one]);
    else days.push(one);
  }
  return sources;
}

/** Days that show a source's present state. */
const RECENT_DAYS = 3;
/** Days before them that show its earlier state; whole weeks, since weekends differ. */
const USUAL_DAYS = 28;
/** Fewer failures than this are no evidence. */
const LEAST_FAILED = 10;
/** A source whose mail passes less often than this fails. */
const FAILING_RATE = 0.95;
/** Mail that used to pass and now is missing: less of it is a quiet day. */
const LEAST_LOST_SHARE = 0.1;
/** The share of what fails that must be mail that is missing, unless next to nothing passes. */
const EXPLAINED_SHARE = 0.5;
const NEXT_TO_NOTHING = 0.3;

/** The present state of a source that used to pass. */
export interface FailingSource extends Tally {
  readonly source: string;
  /**
   * Returns true if mail that used to pass is missing, so that it must be what fails now. Otherwise
   * another sender may send the failing mail by the same host: then the source's own goes on
   * passing.
   */
  readonly broken: boolean;
}

/**
 * Returns the sources among `own` whose mail fails now: on one of the last days, or on all of them
 * together.
 *
 * @param today the last day that reports can cover
 * @param after days up to this one are left out: a step was taken on them already
 */
export function failingSources(
  evidence: readonly SourceDay[],
  own: ReadonlySet<string>,
  today: Day,
  after: Day | undefined,
): FailingSource[] {
  const earliest = daysAfter(today, -RECENT_DAYS);
  const from = after !== undefined && after >= earliest ? daysAfter(after, 1) : earliest;
  const failing = [...bySource(evidence)].flatMap(([source, days]) => {
    if (!own.has(source)) return [];
    const recent = within(days, from, today);
    const usual = within(days, daysAfter(from, -USUAL_DAYS), daysAfter(from, -1));
    const each = [...new Set(recent.map(({ day }) => day))].map((day) => within(recent, day, day));
    const found = [...each, recent].flatMap((some) => failureIn(source, some, usual));
    const worst = found.find(({ broken }) => broken) ?? found.at(-1);
    return worst === undefined ? [] : [worst];
  });
  return failing.sort((a, b) => b.failed - a.failed || (a.source < b.source ? -1 : 1));
}

function failureIn(
  source: string,
  recent: readonly SourceDay[],
  usual: readonly SourceDay[],
): FailingSource[] {
  const tally = tallyOf(recent);
  const { passed, failed } = tally;
  if (failed < LEAST_FAILED || passRateOf(tally) >= FAILING_RATE) return [];
  const expected = usualPasses(usual, recent);
  const lost = Math.max(0, expected - passed);
  const explained = lost >= failed * EXPLAINED_SHARE || passed <= expected * NEXT_TO_NOTHING;
  const broken = expected > 0 && lost >= expected * LEAST_LOST_SHARE && explained;
  return [{ source, ...tally, broken }];
}

/**
 * Estimates the mail that would have passed on the recent days, from the four weeks before as the
 * same reporters saw them. It takes the same weekdays where there was mail on them, else any day
 * with mail. Reporters that have not reported a day yet are not missed.
 */
function usualPasses(usual: readonly SourceDay[], recent: readonly SourceDay[]): number {
  return recent.reduce((sum, { day, reporter }) => {
    const same = usual.filter((one) => one.reporter === reporter);
    const sameWeekday = same.filter((one) => weekdayOf(one.day) === weekdayOf(day));
    return sum + meanPasses(sameWeekday.length > 0 ? sameWeekday : same);
  }, 0);
}

const weekdayOf = (day: Day): number => new Date(day).getUTCDay();

const meanPasses = (days: readonly SourceDay[]): number =>
  days.length === 0 ? 0 : tallyOf(days).passed / days.length;
