import type { Day, DayAggregates } from './day.ts';
import type { Group } from './group.ts';
import { type SourceContext, type SourceKind, sourced } from './sources.ts';

/** Number of messages, and of those that passed. DMARC passes where DKIM or SPF does, aligned. */
export interface Outcomes {
  readonly messages: number;
  readonly passed: number;
  readonly dkim: number;
  readonly spf: number;
  readonly quarantined: number;
  readonly rejected: number;
}

export interface SourceTotals extends Outcomes {
  readonly id: string;
  readonly kind: SourceKind;
  /** Its addresses, those with most mail first, at most `MAX_ADDRESSES`. */
  readonly addresses: readonly string[];
}

export interface SelectorTotals {
  readonly selector: string;
  readonly passed: number;
  readonly failed: number;
}

export interface ReportTotals {
  readonly totals: Outcomes;
  readonly days: readonly (Outcomes & { readonly day: Day })[];
  /** By mail, most first, at most `MAX_SOURCES`. */
  readonly sources: readonly SourceTotals[];
  /** Signatures of the domain itself. */
  readonly selectors: readonly SelectorTotals[];
  readonly reporters: readonly { reporter: string; reports: number; messages: number }[];
  readonly unverified: { reports: number; messages: number; organizations: readonly string[] };
}

export const MAX_SOURCES = 500;
export const MAX_ADDRESSES = 20;

/** Sums what verified reporters saw, by day, source, selector and reporter; unverified reports apart. */
export function reportTotals(days: readonly DayAggregates[], context: SourceContext): ReportTotals {
  const verified = days.filter(({ reporter }) => reporter !== undefined);
  const unverified = days.filter(({ reporter }) => reporter === undefined);
  const all = new Tally();
  const byDay = new Map<Day, Tally>();
  const byReporter = new Map<string, { reports: number; messages: number }>();
  for (const { day, reporter = '', reports, groups } of verified) {
    const one = entry(byReporter, reporter, () => ({ reports: 0, messages: 0 }));
    one.reports += reports;
    for (const group of groups) {
      one.messages += group.messages;
      all.add(group);
      entry(byDay, day, () => new Tally()).add(group);
    }
  }
  return {
    totals: all.outcomes(),
    days: sortedBy([...byDay], ([day]) => day).map(([day, tally]) => ({
      day,
      ...tally.outcomes(),
    })),
    sources: sourceTotals(verified, context),
    selectors: selectorTotals(verified, context),
    reporters: sortedBy([...byReporter], ([reporter]) => reporter).map(([reporter, one]) => ({
      reporter,
      ...one,
    })),
    unverified: {
      reports: sum(unverified, ({ reports }) => reports),
      messages: sum(unverified, ({ groups }) => sum(groups, ({ messages }) => messages)),
      organizations: [...new Set(unverified.flatMap((one) => one.organizations))].sort(),
    },
  };
}

function sourceTotals(days: readonly DayAggregates[], context: SourceContext): SourceTotals[] {
  const bySource = new Map<
    string,
    { kind: SourceKind; tally: Tally; addresses: Map<string, number> }
  >();
  for (const { group, source } of sourced(days, context)) {
    const one = entry(bySource, source.id, () => ({
      kind: source.kind,
      tally: new Tally(),
      addresses: new Map<string, number>(),
    }));
    one.tally.add(group);
    if (group.source === '') continue;
    one.addresses.set(group.source, (one.addresses.get(group.source) ?? 0) + group.messages);
  }
  return [...bySource]
    .map(([id, { kind, tally, addresses }]) => ({
      id,
      kind,
      ...tally.outcomes(),
      addresses: [...addresses]
        .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
        .slice(0, MAX_ADDRESSES)
        .map(([address]) => address),
    }))
    .sort((a, b) => b.messages - a.messages || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_SOURCES);
}

function selectorTotals(
  days: readonly DayAggregates[],
  { domain }: SourceContext,
): SelectorTotals[] {
  const bySelector = new Map<string, { passed: number; failed: number }>();
  for (const { signature, messages } of days.flatMap(({ groups }) => groups)) {
    if (signature?.domain !== domain || signature.selector === '') continue;
    const one = entry(bySelector, signature.selector, () => ({ passed: 0, failed: 0 }));
    one[signature.result === 'pass' ? 'passed' : 'failed'] += messages;
  }
  return sortedBy([...bySelector], ([selector]) => selector).map(([selector, one]) => ({
    selector,
    ...one,
  }));
}

class Tally {
  readonly #counts = { messages: 0, passed: 0, dkim: 0, spf: 0, quarantined: 0, rejected: 0 };

  add({ messages, dkim, spf, disposition }: Group): void {
    const counts = this.#counts;
    counts.messages += messages;
    if (dkim || spf) counts.passed += messages;
    if (dkim) counts.dkim += messages;
    if (spf) counts.spf += messages;
    if (disposition === 'quarantine') counts.quarantined += messages;
    if (disposition === 'reject') counts.rejected += messages;
  }

  outcomes(): Outcomes {
    return { ...this.#counts };
  }
}

/** The value under a key, made where there is none. */
function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const sortedBy = <Item>(items: Item[], key: (item: Item) => string): Item[] =>
  items.sort((a, b) => (key(a) < key(b) ? -1 : 1));
