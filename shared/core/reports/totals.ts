import type { Day, DayAggregates } from './day.ts';
import { type Outcomes, Tally } from './outcomes.ts';
import type { ServiceAt } from './services/networks.ts';
import type { MailService } from './services/service.ts';
import { serviceOfGroup, type SourceContext, type SourceKind, sourced } from './sources.ts';

export interface SourceTotals extends Outcomes {
  readonly id: string;
  readonly kind: SourceKind;
  /** Its addresses, those with most mail first, at most `MAX_ADDRESSES`. */
  readonly addresses: readonly string[];
  /** The service that sent, or forwarded, most of it; undefined where none is known. */
  readonly service: MailService | undefined;
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
  readonly reporters: readonly ReporterTotals[];
  /** By the name whose policy the reports are about: the domain, or one below it. */
  readonly names: readonly (Outcomes & { readonly name: string })[];
  /** Rows that could not be read; they are in no other figure. */
  readonly unreadableRows: number;
  /** Reports of several days, which are spread over them. */
  readonly coarse: { readonly reports: number; readonly messages: number };
  readonly unverified: {
    readonly reports: number;
    readonly messages: number;
    readonly unreadableRows: number;
    readonly organizations: readonly string[];
  };
}

export interface ReporterTotals {
  readonly reporter: string;
  readonly reports: number;
  readonly messages: number;
  readonly unreadableRows: number;
}

export const MAX_SOURCES = 500;
export const MAX_ADDRESSES = 20;

/**
 * Sums what verified reporters saw, by day, source, selector and reporter; unverified reports apart.
 *
 * @param serviceAt names the service of an address, where SPF and DKIM name none
 */
export function reportTotals(
  days: readonly DayAggregates[],
  context: SourceContext,
  serviceAt: ServiceAt = () => undefined,
): ReportTotals {
  const verified = days.filter(({ reporter }) => reporter !== undefined);
  const unverified = days.filter(({ reporter }) => reporter === undefined);
  const coarse = verified.filter(({ coarseReports }) => coarseReports.length > 0);
  const all = new Tally();
  const byDay = new Map<Day, Tally>();
  const byName = new Map<string, Tally>();
  for (const { day, groups } of verified) {
    for (const group of groups) {
      all.add(group);
      entry(byDay, day, () => new Tally()).add(group);
      entry(byName, group.policyDomain ?? context.domain, () => new Tally()).add(group);
    }
  }
  return {
    totals: all.outcomes(),
    days: sortedBy([...byDay], ([day]) => day).map(([day, tally]) => ({
      day,
      ...tally.outcomes(),
    })),
    names: sortedBy([...byName], ([name]) => name).map(([name, tally]) => ({
      name,
      ...tally.outcomes(),
    })),
    sources: sourceTotals(verified, context, serviceAt),
    selectors: selectorTotals(verified, context),
    reporters: reporterTotals(verified),
    unreadableRows: sum(verified, ({ unreadableRows }) => unreadableRows),
    coarse: { reports: reportsIn(coarse), messages: messagesIn(coarse) },
    unverified: {
      reports: reportsIn(unverified),
      messages: messagesIn(unverified),
      unreadableRows: sum(unverified, ({ unreadableRows }) => unreadableRows),
      organizations: [...new Set(unverified.flatMap((one) => one.organizations))].sort(),
    },
  };
}

const messagesIn = (days: readonly DayAggregates[]): number =>
  sum(days, ({ groups }) => sum(groups, ({ messages }) => messages));

/** Counts a report that was spread over several days once. */
const reportsIn = (days: readonly DayAggregates[]): number =>
  sum(days, ({ reports, coarseReports }) => reports - coarseReports.length) +
  new Set(days.flatMap(({ coarseReports }) => coarseReports)).size;

function reporterTotals(days: readonly DayAggregates[]): ReporterTotals[] {
  const byReporter = Object.groupBy(days, ({ reporter = '' }) => reporter);
  const totals = Object.entries(byReporter).map(([reporter, ofReporter = []]) => ({
    reporter,
    reports: reportsIn(ofReporter),
    messages: messagesIn(ofReporter),
    unreadableRows: sum(ofReporter, ({ unreadableRows }) => unreadableRows),
  }));
  return sortedBy(totals, ({ reporter }) => reporter);
}

interface SourceCounts {
  readonly kind: SourceKind;
  readonly tally: Tally;
  readonly addresses: Map<string, number>;
  readonly services: Map<MailService, number>;
}

function sourceTotals(
  days: readonly DayAggregates[],
  context: SourceContext,
  serviceAt: ServiceAt,
): SourceTotals[] {
  const bySource = new Map<string, SourceCounts>();
  for (const { group, source } of sourced(days, context)) {
    const one = entry(bySource, source.id, () => ({
      kind: source.kind,
      tally: new Tally(),
      addresses: new Map<string, number>(),
      services: new Map<MailService, number>(),
    }));
    one.tally.add(group);
    const service = serviceOfGroup(group) ?? serviceAt(group.source);
    if (service !== undefined) addTo(one.services, service, group.messages);
    if (group.source !== '') addTo(one.addresses, group.source, group.messages);
  }
  return [...bySource]
    .map(([id, { kind, tally, addresses, services }]) => ({
      id,
      kind,
      ...tally.outcomes(),
      addresses: mostFirst(addresses, (address) => address).slice(0, MAX_ADDRESSES),
      service: mostFirst(services, ({ name }) => name)[0],
    }))
    .sort((a, b) => b.messages - a.messages || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_SOURCES);
}

const addTo = <Key>(counts: Map<Key, number>, key: Key, messages: number): unknown =>
  counts.set(key, (counts.get(key) ?? 0) + messages);

const mostFirst = <Key>(counts: ReadonlyMap<Key, number>, name: (key: Key) => string): Key[] =>
  [...counts]
    .sort(([a, many], [b, more]) => more - many || (name(a) < name(b) ? -1 : 1))
    .map(([key]) => key);

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
