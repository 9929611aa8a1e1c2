import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { Delegation, Lookup, RecordType } from '#shared/core/model/lookup.ts';

export interface DnsRecord {
  readonly name: string;
  readonly type: RecordType;
  readonly value: string;
  /** Seconds, by default `TTL`. */
  readonly ttl?: number;
  /** The strings of a TXT value, where they are not of 255 octets. */
  readonly strings?: readonly string[];
}

/** Of the records of a zone in memory, seconds. */
export const TTL = 60;

const unknown: Lookup = { outcome: 'unknown', values: [], cnames: [] };
const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/**
 * DNS in memory. A zone has one set of records per authoritative server; recursive resolvers see
 * the first server's. A `silent` zone answers no query.
 */
export class FakeDns implements Resolver {
  readonly #zones = new Map<string, { servers: readonly (readonly DnsRecord[])[] }>();
  readonly #silent = new Set<string>();
  readonly #unreachable = new Set<string>();
  readonly #nameServers = new Map<string, readonly string[]>();
  /** Every question, as `view name type`. */
  readonly asked: string[] = [];

  /** Puts a zone in place of what was there; several lists are servers that do not agree. */
  zone(apex: string, ...servers: readonly (readonly DnsRecord[])[]): void {
    this.#zones.set(apex, { servers: servers.length === 0 ? [[]] : servers });
  }

  /** Takes a zone away; the zone above answers for its names. */
  drop(apex: string): void {
    this.#zones.delete(apex);
    this.#silent.delete(apex);
  }

  /** Makes the zone's servers answer no query, or answer again. */
  silence(apex: string, silent = true): void {
    if (silent) this.#silent.add(apex);
    else this.#silent.delete(apex);
  }

  /** Makes the zone's servers answer only the recursive resolvers, not us, or all again. */
  shield(apex: string, shielded = true): void {
    if (shielded) this.#unreachable.add(apex);
    else this.#unreachable.delete(apex);
  }

  async lookup(name: string, type: RecordType): Promise<Lookup> {
    this.asked.push(`lookup ${name} ${type}`);
    const cnames: string[] = [];
    for (let at = canonical(name); cnames.length <= 8;) {
      const zone = this.#zoneOf(at);
      if (zone === undefined) return { outcome: 'nxdomain', values: [], cnames };
      if (this.#silent.has(zone)) return unknown;
      const found = read(this.#zones.get(zone)!.servers[0]!, zone, at, type);
      const [target] = found.cnames;
      if (target === undefined) return { ...found, cnames };
      cnames.push(target);
      at = target;
    }
    return unknown;
  }

  async lookupEverywhere(name: string, type: RecordType): Promise<readonly Lookup[]> {
    return [await this.lookup(name, type), await this.lookup(name, type)];
  }

  /** Names at which the servers fail (SERVFAIL). */
  readonly failing = new Set<string>();

  async authoritative(name: string, type: RecordType): Promise<readonly Lookup[]> {
    this.asked.push(`authoritative ${name} ${type}`);
    const at = canonical(name);
    const zone = this.#zoneOf(at);
    if (zone === undefined || this.#silent.has(zone) || this.#unreachable.has(zone)) return [];
    return this.#zones
      .get(zone)!
      .servers.map((records) =>
        this.failing.has(at)
          ? unknown
          : { ...read(records, zone, at, type), ...setAt(records, zone, at, type) },
      );
  }

  async delegatedTo(name: string): Promise<readonly Lookup[]> {
    this.asked.push(`parent ${name} NS`);
    const at = canonical(name);
    const zone = this.#zoneOf(at.slice(at.indexOf('.') + 1));
    if (zone === undefined || this.#silent.has(zone) || this.#unreachable.has(zone)) return [];
    return this.#zones.get(zone)!.servers.map((records) => read(records, zone, at, 'NS'));
  }

  /** Says who serves a zone. */
  serve(apex: string, ...nameServers: readonly string[]): void {
    this.#nameServers.set(apex, nameServers);
  }

  async delegation(name: string): Promise<Delegation> {
    const zone = this.#zoneOf(canonical(name));
    if (zone === undefined) return { state: 'no-such-domain', nameServers: [] };
    const state = this.#silent.has(zone) ? 'unknown' : 'served';
    return { state, zone, nameServers: this.#nameServers.get(zone) ?? [] };
  }

  #zoneOf(name: string): string | undefined {
    return name
      .split('.')
      .map((_, index, labels) => labels.slice(index).join('.'))
      .find((candidate) => this.#zones.has(candidate));
  }
}

/** One server's answer for one name, wildcards included (RFC 4592). */
function read(records: readonly DnsRecord[], zone: string, name: string, type: RecordType): Lookup {
  const owner = ownerOf(records, zone, name);
  if (owner === undefined) return { outcome: 'nxdomain', values: [], cnames: [] };
  const at = records.filter((record) => record.name === owner);
  const values = at
    .filter((record) => record.type === type)
    .map(({ value }) => (type === 'MX' && !value.endsWith(' .') ? canonical(value) : value));
  const alias = at.find((record) => record.type === 'CNAME');
  // As lenient servers do, which allow a CNAME beside other records.
  if (alias !== undefined && values.length === 0) {
    return { outcome: 'ok', values: [], cnames: [canonical(alias.value)] };
  }
  return { outcome: 'ok', values, cnames: [] };
}

/** The TTL of a record set, and its strings, as a domain's own server has them. */
function setAt(
  records: readonly DnsRecord[],
  zone: string,
  name: string,
  type: RecordType,
): Pick<Lookup, 'ttl' | 'strings'> {
  const owner = ownerOf(records, zone, name);
  const at = records.filter((record) => record.name === owner);
  const same = at.filter((record) => record.type === type);
  const set = same.length > 0 ? same : at.filter((record) => record.type === 'CNAME');
  if (set.length === 0) return {};
  const isSplit = set.some(({ strings }) => strings !== undefined);
  const strings = set.map(({ value, strings: own }) => own ?? [value]);
  return { ttl: set[0]?.ttl ?? TTL, ...(isSplit ? { strings } : {}) };
}

function ownerOf(records: readonly DnsRecord[], zone: string, name: string): string | undefined {
  const exists = (candidate: string): boolean =>
    candidate === zone ||
    records.some((record) => record.name === candidate || record.name.endsWith(`.${candidate}`));
  if (exists(name)) return name;
  let encloser = name;
  while (!exists(encloser)) encloser = encloser.slice(encloser.indexOf('.') + 1);
  const wildcard = `*.${encloser}`;
  return records.some((record) => record.name === wildcard) ? wildcard : undefined;
}
