import type { Label } from '#shared/core/model/names.ts';
import {
  MAX_REPORTS_PER_REPORTER,
  MAX_UNVERIFIED_REPORTS,
  type Counted,
  type CountedReport,
  type ReportStore,
  type StoredDays,
} from '#shared/app/ports/report-store.ts';
import {
  MAX_ORGANIZATIONS,
  MAX_REFUSALS,
  type Day,
  type DayRefusals,
  type DayAggregates,
  type FlaggedKey,
  type Refused,
} from '#shared/core/reports/day.ts';
import { Aggregates } from '#shared/core/reports/aggregates.ts';

interface Entry {
  readonly aggregates: DayAggregates;
  readonly keys: ReadonlySet<string>;
}

/** Sums of reports in memory. */
export class MemoryReportStore implements ReportStore {
  readonly #aggregates = new Map<string, Entry>();
  readonly #refusals = new Map<string, DayRefusals>();
  readonly #flaggedKeys = new Map<string, FlaggedKey>();

  async add(report: CountedReport): Promise<Counted> {
    const { label, day, reporter, key, organization, groups, coarse, unreadableRows, earlierKey } =
      structuredClone(report);
    const placeOf = (kind: string) =>
      `${label}/${day}#${reporter === undefined ? 'unverified' : `${kind}#${reporter}`}`;
    const at = placeOf(coarse ? 'coarse' : 'verified');
    const entry = this.#aggregates.get(at);
    if (entry?.keys.has(key)) return 'repeated';
    const daily = this.#aggregates.get(placeOf('verified'));
    if (earlierKey !== undefined && daily?.keys.has(earlierKey)) return 'counted-earlier';
    const most = reporter === undefined ? MAX_UNVERIFIED_REPORTS : MAX_REPORTS_PER_REPORTER;
    if ((entry?.keys.size ?? 0) >= most) return 'full';
    const organizations = new Set([...(entry?.aggregates.organizations ?? []), organization]);
    const keys = new Set([...(entry?.keys ?? []), key]);
    this.#aggregates.set(at, {
      keys,
      aggregates: {
        day,
        reporter,
        reports: keys.size,
        coarseReports: coarse && reporter !== undefined ? [...keys] : [],
        unreadableRows: (entry?.aggregates.unreadableRows ?? 0) + unreadableRows,
        organizations: [...organizations].slice(0, MAX_ORGANIZATIONS),
        groups: new Aggregates([...(entry?.aggregates.groups ?? []), ...groups]).groups(),
      },
    });
    return 'added';
  }

  async refuse(label: Label, day: Day, refused: Refused): Promise<void> {
    const { counts = {}, last = [] } = this.#refusals.get(`${label}/${day}`) ?? {};
    this.#refusals.set(`${label}/${day}`, {
      day,
      counts: { ...counts, [refused.reason]: (counts[refused.reason] ?? 0) + 1 },
      last: [...last, refused].slice(-MAX_REFUSALS),
    });
  }

  async flagKey(label: Label, flagged: FlaggedKey): Promise<void> {
    this.#flaggedKeys.set(`${label}/${flagged.day}`, structuredClone(flagged));
  }

  async read(label: Label, from: Day, to: Day): Promise<StoredDays> {
    const ofLabel = <Value extends { readonly day: Day }>(
      entries: Iterable<readonly [string, Value]>,
    ): Value[] =>
      [...entries]
        .filter(([at, { day }]) => at.startsWith(`${label}/`) && day >= from && day <= to)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, value]) => value);
    return {
      aggregates: ofLabel(
        [...this.#aggregates].map(([at, { aggregates }]) => [at, aggregates] as const),
      ),
      refusals: ofLabel(this.#refusals),
      flaggedKeys: ofLabel(this.#flaggedKeys),
    };
  }
}
