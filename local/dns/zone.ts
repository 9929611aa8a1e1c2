import { isWithin, selfAndAncestors } from './records.ts';
import type { ZoneRecord } from './records.ts';

/** The answer of a zone's own data to a question (RFC 1034 §4.3.2). */
export type ZoneAnswer =
  | { readonly kind: 'records'; readonly records: readonly ZoneRecord[] }
  | { readonly kind: 'alias'; readonly record: ZoneRecord; readonly target: string }
  | { readonly kind: 'no-data' }
  | { readonly kind: 'no-name' }
  | { readonly kind: 'delegation'; readonly cut: string; readonly nameServers: readonly string[] };

type RecordSets = Map<string, readonly ZoneRecord[]>;

/** The records of one zone, queried as an authoritative server does. */
export class Zone {
  /** Canonical, as all names here. */
  readonly apex: string;
  readonly #names = new Map<string, RecordSets>();
  /**
   * The number of record sets at or below a name: a name with some exists, records of its own or
   * not.
   */
  readonly #population = new Map<string, number>();

  constructor(apex: string, records: readonly ZoneRecord[] = []) {
    this.apex = apex;
    for (const [key, list] of Map.groupBy(records, ({ name, type }) => `${name} ${type}`)) {
      // A name may have blanks.
      const end = key.lastIndexOf(' ');
      this.set(key.slice(0, end), key.slice(end + 1), list);
    }
  }

  /** Replaces one record set; an empty list removes it. */
  set(name: string, type: string, records: readonly ZoneRecord[]): void {
    if (!isWithin(name, this.apex)) throw new Error(`${name} is not within ${this.apex}`);
    const sets = this.#names.get(name) ?? new Map<string, readonly ZoneRecord[]>();
    const change = (records.length > 0 ? 1 : 0) - (sets.has(type) ? 1 : 0);
    if (records.length > 0) sets.set(type, records);
    else sets.delete(type);
    if (sets.size > 0) this.#names.set(name, sets);
    else this.#names.delete(name);
    for (const ancestor of selfAndAncestors(name)) {
      if (!isWithin(ancestor, this.apex)) break;
      const count = (this.#population.get(ancestor) ?? 0) + change;
      if (count > 0) this.#population.set(ancestor, count);
      else this.#population.delete(ancestor);
    }
  }

  /** Returns the record set as it is, without wildcards and aliases. */
  get(name: string, type: string): readonly ZoneRecord[] {
    return this.#names.get(name)?.get(type) ?? [];
  }

  /** Answers a question for a name within this zone. Type `ANY` gives all there is. */
  find(name: string, type: string): ZoneAnswer {
    const cut = this.#cutAbove(name);
    if (cut !== undefined) return cut;
    const exact = this.#names.get(name);
    if (exact !== undefined) return answerFrom(exact, name, type);
    if (this.#population.has(name)) return { kind: 'no-data' };
    const wildcard = this.#wildcardFor(name);
    return wildcard === undefined ? { kind: 'no-name' } : answerFrom(wildcard, name, type);
  }

  /** The highest delegation on the way down to the name (RFC 1034 §4.3.2 step 3b). */
  #cutAbove(name: string): ZoneAnswer | undefined {
    for (const cut of selfAndAncestors(name).toReversed()) {
      if (cut === this.apex || !isWithin(cut, this.apex)) continue;
      const servers = this.get(cut, 'NS');
      if (servers.length === 0) continue;
      const nameServers = servers.flatMap((record) => (record.type === 'NS' ? record.data : []));
      return { kind: 'delegation', cut, nameServers };
    }
    return undefined;
  }

  /** The source of synthesis: the asterisk right below the closest name that exists (RFC 4592 §3.3.1). */
  #wildcardFor(name: string): RecordSets | undefined {
    for (const encloser of selfAndAncestors(name).slice(1)) {
      if (this.#population.has(encloser) || encloser === this.apex) {
        return this.#names.get(`*.${encloser}`);
      }
    }
    return undefined;
  }
}

function answerFrom(sets: RecordSets, name: string, type: string): ZoneAnswer {
  const renamed = (records: readonly ZoneRecord[]): ZoneRecord[] =>
    records.map((record) => ({ ...record, name }));
  if (type === 'ANY') return { kind: 'records', records: renamed([...sets.values()].flat()) };
  const records = sets.get(type);
  if (records !== undefined) return { kind: 'records', records: renamed(records) };
  const [alias] = sets.get('CNAME') ?? [];
  if (alias?.type === 'CNAME') {
    return { kind: 'alias', record: { ...alias, name }, target: alias.data };
  }
  return { kind: 'no-data' };
}
