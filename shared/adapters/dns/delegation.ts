import type { Delegation, RecordType } from '#shared/core/model/lookup.ts';
import { canonical, readReferral } from './answers.ts';
import type { DnsReply } from './exchange.ts';
import {
  findZoneServers,
  hostPart,
  namesDown,
  serversOf,
  type RecursiveLookup,
  type SearchTop,
  type ZoneServers,
} from './zone-servers.ts';

const DEEPEST_REFERRAL = 5;

/** The DNS that finding a delegation needs. */
export interface DelegationProbes {
  /** Returns the zone of a name, where the resolvers answer. */
  readonly zoneOf: (name: string) => Promise<ZoneServers | undefined>;
  readonly topOf: SearchTop;
  readonly lookup: RecursiveLookup;
  /** As `lookup`, but of an answer that does not validate too. */
  readonly lookupUnvalidated: RecursiveLookup;
  /** One question to one server, without recursion. */
  readonly ask: (address: string, name: string, type: RecordType) => Promise<DnsReply | undefined>;
}

/**
 * Reads how the public DNS delegates the zone of a name, as far as a stub resolver sees.
 *
 * @param name lower case, no trailing dot
 */
export async function findDelegation(name: string, probes: DelegationProbes): Promise<Delegation> {
  const host = hostPart(name);
  const top = probes.topOf(host);
  const registered = await probes.lookup(top, 'NS');
  if (registered.outcome === 'nxdomain') return { state: 'no-such-domain', nameServers: [] };
  const zone = await probes.zoneOf(host);
  if (zone !== undefined) return servedBy(zone, host, probes);
  for (const candidate of namesDown(top, host)) {
    const { outcome } = await probes.lookup(candidate, 'NS');
    if (outcome !== 'unknown') continue;
    const unvalidated = await probes.lookupUnvalidated(candidate, 'NS');
    if (unvalidated.outcome !== 'unknown') {
      return { state: 'bogus', zone: candidate, nameServers: unvalidated.values };
    }
    const named = await namedAbove(candidate, probes);
    return named === undefined
      ? { state: 'unknown', nameServers: [] }
      : servedBy(named, host, probes);
  }
  return { state: 'unknown', nameServers: [] };
}

/** Returns true if any of a zone's presumed servers has records at the name, or below it. */
async function servedBy(
  { zone, nameServers, addresses }: ZoneServers,
  host: string,
  probes: DelegationProbes,
  depth = 0,
): Promise<Delegation> {
  const replies = await Promise.all(addresses.map((address) => probes.ask(address, host, 'SOA')));
  const came = replies.filter((reply) => reply !== undefined);
  const own = came.find(
    ({ authoritative, rcode }) => authoritative && (rcode === 'NOERROR' || rcode === 'NXDOMAIN'),
  );
  if (own !== undefined) return { state: 'served', zone: zoneIn(own) ?? zone, nameServers };
  for (const reply of came) {
    const referral = readReferral(reply, zone, host);
    if (referral === undefined || depth === DEEPEST_REFERRAL) continue;
    const below = await serversOf(referral.zone, referral.nameServers, probes.lookup);
    return servedBy(below, host, probes, depth + 1);
  }
  // Servers whose own names do not exist are no servers; silent ones may be back in a minute.
  const lame = came.length > 0 || (nameServers.length > 0 && addresses.length === 0);
  return { state: lame ? 'not-delegated' : 'unknown', zone, nameServers };
}

/** The zone that an answer is from, by its SOA record. */
function zoneIn({ answers, authorities }: DnsReply): string | undefined {
  const soa = [...answers, ...authorities].find(({ type }) => type === 'SOA');
  return soa === undefined || soa.name === '' ? undefined : canonical(soa.name);
}

/** The servers that the zone above names for a zone, which itself gives no answer. */
async function namedAbove(
  zone: string,
  { lookup, ask, topOf }: DelegationProbes,
): Promise<ZoneServers | undefined> {
  const above = await findZoneServers(zone.slice(zone.indexOf('.') + 1), lookup, topOf);
  for (const address of above?.addresses ?? []) {
    const reply = await ask(address, zone, 'NS');
    const referral = reply && readReferral(reply, above!.zone, zone);
    if (referral !== undefined) return serversOf(referral.zone, referral.nameServers, lookup);
  }
  return undefined;
}
