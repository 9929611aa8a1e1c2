import { isAtOrBelow, namesAbove, type DomainName } from '#shared/core/model/names.ts';
import type { Lookup, RecordType } from '#shared/core/model/lookup.ts';

/** A zone with the addresses of its name servers. */
export interface ZoneServers {
  readonly zone: string;
  /** Host names, lower case, no trailing dot. */
  readonly nameServers: readonly string[];
  readonly addresses: readonly string[];
}

export type RecursiveLookup = (name: string, type: RecordType) => Promise<Lookup>;

/** Answers the name at which the search for the zone of a host starts: the host itself, or above it. */
export type SearchTop = (host: DomainName) => DomainName;

/**
 * The registrable domain of most hosts, without the list of public suffixes: two labels, or three
 * below what most countries' registries are named (`co.uk`). Where it is wrong, a zone is found by
 * more queries.
 */
export function likelyRegistrableDomain(host: DomainName): DomainName {
  const labels = host.split('.');
  const isRegistry = /^(?:ac|co|com|edu|go|gob|gov|ne|net|or|org)\.[a-z]{2}$/.test(
    labels.slice(-2).join('.'),
  );
  return labels.slice(isRegistry ? -3 : -2).join('.') as DomainName;
}

/** More than any zone needs; a zone of the customer's making may name hundreds. */
const MOST_NAME_SERVERS = 6;

/**
 * Finds a zone that holds `name`, by NS lookups: from the top down to the host part, then from the
 * top up. It need not be the closest one: its servers refer further down.
 *
 * The name itself is not asked for. A resolver remembers that a name does not exist for as long as
 * the zone says (RFC 2308), so a lookup of a record that the customer is about to create would hide
 * it from us, and from others who ask the same resolver, for up to hours.
 *
 * @param name lower case, no trailing dot
 * @returns undefined where the resolvers do not answer
 */
export async function findZoneServers(
  name: string,
  lookup: RecursiveLookup,
  topOf: SearchTop,
): Promise<ZoneServers | undefined> {
  const host = hostPart(name);
  const top = topOf(host);
  let firm = true;
  for (const zone of namesDown(top, host)) {
    const found = await lookup(zone, 'NS');
    if (isCut(found)) return serversOf(zone, found.values, lookup);
    if (found.outcome === 'unknown') firm = false;
  }
  // Goes above the top only where that is certainly no zone of its own. Silent
  // servers must not be passed over for their parent's.
  if (!firm) return undefined;
  for (let zone = parent(top); zone !== undefined; zone = parent(zone)) {
    const found = await lookup(zone, 'NS');
    if (isCut(found)) return serversOf(zone, found.values, lookup);
    if (found.outcome === 'unknown') return undefined;
  }
  return undefined;
}

/** The addresses of name servers; IPv6 only where a server has nothing else. */
export async function serversOf(
  zone: string,
  nameServers: readonly string[],
  lookup: RecursiveLookup,
): Promise<ZoneServers> {
  const found = await Promise.all(
    nameServers.slice(0, MOST_NAME_SERVERS).map(async (host) => {
      const v4 = await lookup(host, 'A');
      return v4.values.length > 0 ? v4.values : (await lookup(host, 'AAAA')).values;
    }),
  );
  return {
    zone,
    nameServers,
    addresses: [...new Set(found.flat())].slice(0, MOST_NAME_SERVERS),
  };
}

/** NS records that were found behind a CNAME belong to another zone. */
const isCut = ({ values, cnames }: Lookup): boolean => values.length > 0 && cnames.length === 0;

/**
 * Returns the name after the last label with an underscore: `mail.example.com` of
 * `zero._domainkey.mail.example.com`.
 */
export function hostPart(name: string): DomainName {
  const labels = name.split('.');
  const last = labels.findLastIndex((label) => label.startsWith('_'));
  return labels.slice(last + 1).join('.') as DomainName;
}

/** The names from `top` down to `host`. */
export const namesDown = (top: DomainName, host: DomainName): DomainName[] =>
  [host, ...namesAbove(host)].filter((name) => isAtOrBelow(name, top)).toReversed();

function parent(name: string): string | undefined {
  const dot = name.indexOf('.');
  return dot < 0 ? undefined : name.slice(dot + 1);
}
