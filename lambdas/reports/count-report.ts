import type { Claim } from '#shared/core/model/claim.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import { AGGREGATE_DAYS, type Counted, type ReportStore } from '#shared/app/ports/report-store.ts';
import { groupsFor } from '#shared/core/reports/about-domain.ts';
import type { AggregateReport } from '#shared/core/reports/aggregate-report.ts';
import { dayOf } from '#shared/core/reports/day.ts';
import { earlierReportKey, reportKey } from '#shared/core/reports/identity.ts';
import { dayOfReport, isCoarse, spread } from '#shared/core/reports/spread.ts';
import { DAY_SECONDS } from '#shared/core/time.ts';
import { findFailingKey, type KeyFailurePorts } from './find-failing-key.ts';
import type { RefusalReason, ReportEvent } from './events.ts';

export interface CountPorts extends KeyFailurePorts {
  readonly store: ReportStore;
  readonly clock: Clock;
  readonly log: (event: ReportEvent) => void;
}

/** Why a report is not counted; the detail is a sentence. */
export interface ReportRefusal {
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** Clocks differ, and some days end elsewhere first. */
const MAX_AHEAD_SECONDS = 2 * DAY_SECONDS;

/** Returns the refusal of a report of days that cannot be counted, or undefined. */
export function outOfDate({ begin, end }: AggregateReport, now: Date): ReportRefusal | undefined {
  const seconds = now.getTime() / 1_000;
  if (end <= seconds + MAX_AHEAD_SECONDS && begin >= seconds - AGGREGATE_DAYS * DAY_SECONDS)
    return undefined;
  const range = `${dayOf(begin * 1_000)} to ${dayOf(end * 1_000)}`;
  return { reason: 'out-of-date', detail: `The report is of ${range}.` };
}

/** Adds a report about a claim's domain to the claim's aggregates, and checks a new key by it. */
export async function countReport(
  claim: Claim,
  report: AggregateReport,
  reporter: string | undefined,
  ports: CountPorts,
): Promise<void> {
  const { domain } = claim;
  const { messages, unreadableRows } = report;
  const groups = groupsFor(report, domain);
  const outcome = await addToDays(claim, { ...report, groups }, reporter, ports);
  ports.log({ kind: 'counted', domain, outcome, reporter, messages, unreadableRows });
  if (reporter === undefined || outcome === 'full' || isCoarse(report)) return;
  const failure = await findFailingKey(claim, groups, ports.clock.now(), ports);
  if (failure !== undefined) ports.log({ kind: 'key-failing', domain, failure });
}

/**
 * Adds a report to the day that it is of, or to each of its days. Each day counts it once, so that a
 * mail that comes again adds the days that are missing. Unverified reports count for one day: their
 * days are shown nowhere.
 */
async function addToDays(
  { label }: Claim,
  report: AggregateReport,
  reporter: string | undefined,
  { store }: Pick<CountPorts, 'store'>,
): Promise<Counted> {
  const coarse = isCoarse(report) && reporter !== undefined;
  const [first, ...others] = coarse
    ? spread(report, report.groups)
    : [{ day: dayOfReport(report), groups: report.groups }];
  if (first === undefined) throw new Error('a report is of one day at least');
  const common = {
    label,
    reporter,
    coarse,
    key: reportKey(report),
    organization: report.organization.slice(0, 100),
  };
  const { unreadableRows } = report;
  const earlierKey = earlierReportKey(report);
  const outcome = await store.add({ ...common, ...first, earlierKey, unreadableRows });
  if (outcome === 'counted-earlier') return outcome;
  const outcomes: Counted[] = [outcome];
  for (const share of others)
    outcomes.push(
      await store.add({ ...common, ...share, earlierKey: undefined, unreadableRows: 0 }),
    );
  return (
    outcomes.find((one) => one === 'full') ?? outcomes.find((one) => one === 'added') ?? outcome
  );
}
