import { isIP } from 'node:net';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { Lookup, RecordType } from '#shared/core/model/lookup.ts';
import {
  canonical,
  CNAME_DEPTH,
  readAuthoritative,
  readDelegated,
  readRecursive,
  readReferral,
  unknownLookup,
} from './answers.ts';
import { findDelegation } from './delegation.ts';
import {
  exchange,
  type DnsQuestion,
  type DnsReply,
  type DnsServer,
  type QueryLimits,
} from './exchange.ts';
import { limiter } from '#shared/async/limit.ts';
import { isPublicAddress } from '../https/public-address.ts';
import { firstAnswers } from './first-answers.ts';
import {
  findZoneServers,
  hostPart,
  serversOf,
  type SearchTop,
  type ZoneServers,
} from './zone-servers.ts';

export interface ResolverOptions {
  /** Where the search for the zone of a host starts; the registrable domain, where that is known. */
  readonly topOf: SearchTop;
  /** Recursive resolvers, in the order in which they are asked; at least one. */
  readonly resolvers: readonly DnsServer[];
  /** The port of authoritative servers; 53 but on the local run. */
  readonly authoritativePort: number;
  /**
   * True if name servers with an address that is not public are left out: a customer's zone names
   * them, and nothing of ours may be reached by that.
   */
  readonly publicOnly?: boolean;
  /** Default: 2 tries of 2 s each a server. */
  readonly queryLimits?: QueryLimits;
  /** Milliseconds that an authoritative server that kept silent is not asked again; default 30 s, longer than a check. */
  readonly silentMs?: number;
}

const defaultQueryLimits: QueryLimits = { timeoutMs: 2_000, tries: 2 };
const SILENT_MS = 30_000;
const DEEPEST_REFERRAL = 5;
const MOST_IN_FLIGHT = 100;
/**
 * One check asks for some fifteen names of one zone; the next check shall ask for the servers
 * again.
 */
const ZONES_KEPT_MS = 30_000;
const MOST_ZONES_KEPT = 1_000;

/** DNS over UDP and TCP. */
export function dnsResolver(options: ResolverOptions): Resolver {
  const {
    topOf,
    resolvers,
    authoritativePort,
    publicOnly = false,
    queryLimits = defaultQueryLimits,
    silentMs = SILENT_MS,
  } = options;
  if (resolvers.length === 0) throw new Error('no recursive resolver is configured');
  const bounded = limiter({ tasks: MOST_IN_FLIGHT });
  const zones = zoneCache();

  const ask = (server: DnsServer, question: DnsQuestion) =>
    bounded(() => exchange(server, question, queryLimits));

  const askAddress = (address: string, name: string, type: RecordType) =>
    ask({ address, port: authoritativePort }, { name, type, recursion: false });
  const firsts = firstAnswers(silentMs);

  async function askOwn(
    address: string,
    name: string,
    type: RecordType,
  ): Promise<DnsReply | undefined> {
    if (publicOnly && !isPublicAddress(address)) return undefined;
    return firsts(address, () => askAddress(address, name, type));
  }

  async function lookupAt(
    server: DnsServer,
    name: string,
    type: RecordType,
    unvalidated = false,
  ): Promise<Lookup> {
    const cnames: string[] = [];
    for (let asked = name; cnames.length <= CNAME_DEPTH;) {
      const reply = await ask(server, { name: asked, type, recursion: true, unvalidated });
      if (reply === undefined) return unknownLookup;
      const { lookup, unfinished } = readRecursive(reply, asked, type);
      if (lookup.outcome === 'unknown') return unknownLookup;
      cnames.push(...lookup.cnames);
      if (unfinished === undefined) {
        return cnames.length > CNAME_DEPTH ? unknownLookup : { ...lookup, cnames };
      }
      asked = unfinished;
    }
    return unknownLookup;
  }

  const inTurn =
    (unvalidated: boolean) =>
    async (name: string, type: RecordType): Promise<Lookup> => {
      for (const server of resolvers) {
        const answer = await lookupAt(server, canonical(name), type, unvalidated);
        if (answer.outcome !== 'unknown') return answer;
      }
      return unknownLookup;
    };
  const lookup = inTurn(false);
  const zoneOf = (name: string) => zones(name, () => findZoneServers(name, lookup, topOf));

  /** Asks all servers of a zone, or of the zone further down that they refer to. */
  async function askServers(
    name: string,
    type: RecordType,
    read: ReadReply,
    zone: ZoneServers | undefined,
    depth = 0,
  ): Promise<readonly Lookup[]> {
    if (zone === undefined || depth > DEEPEST_REFERRAL) return [];
    const replies = await Promise.all(zone.addresses.map((address) => askOwn(address, name, type)));
    const came = replies.filter((reply): reply is DnsReply => reply !== undefined);
    const answers = came.flatMap((reply) => read(reply, zone.zone) ?? []);
    if (answers.some(({ outcome }) => outcome !== 'unknown')) return answers;
    for (const reply of came) {
      const referral = readReferral(reply, zone.zone, name);
      if (referral === undefined) continue;
      const below = await serversOf(referral.zone, referral.nameServers, lookup);
      return askServers(name, type, read, below, depth + 1);
    }
    return answers;
  }

  return {
    lookup,
    lookupEverywhere: (name, type) =>
      Promise.all(resolvers.map((server) => lookupAt(server, canonical(name), type))),
    async authoritative(name, type) {
      const asked = canonical(name);
      const read: ReadReply = (reply) => readAuthoritative(reply, asked, type);
      return askServers(asked, type, read, await zoneOf(asked));
    },
    async delegatedTo(name) {
      const asked = canonical(name);
      const above = asked.slice(asked.indexOf('.') + 1);
      const read: ReadReply = (reply, zone) => readDelegated(reply, zone, asked);
      return askServers(asked, 'NS', read, await zoneOf(above));
    },
    delegation: (name) =>
      findDelegation(canonical(name), {
        zoneOf,
        topOf,
        lookup,
        lookupUnvalidated: inTurn(true),
        ask: askOwn,
      }),
  };
}

/** Reads one server's reply; undefined where it says nothing of the name itself. */
type ReadReply = (reply: DnsReply, zone: string) => Lookup | undefined;

/** Keeps found zones for a moment; lookups of one zone's names that come together share one search. */
function zoneCache() {
  const kept = new Map<string, { until: number; found: Promise<ZoneServers | undefined> }>();
  return (
    name: string,
    find: () => Promise<ZoneServers | undefined>,
  ): Promise<ZoneServers | undefined> => {
    const key = hostPart(name);
    const now = Date.now();
    const known = kept.get(key);
    if (known !== undefined && known.until > now) return known.found;
    if (kept.size >= MOST_ZONES_KEPT) kept.clear();
    const found = find();
    kept.set(key, { until: now + ZONES_KEPT_MS, found });
    // Negative answers, of missing domains or silent servers, are not cached: the record may be
    // there at once.
    void found.then((zone) => {
      if (zone === undefined || zone.addresses.length === 0) kept.delete(key);
    });
    return found;
  };
}

/**
 * Reads the list of recursive resolvers: comma separated, each `address` or `address:port`, IPv6 with
 * a port in brackets.
 *
 * @throws Error that names the entry that is no address
 */
export function parseServers(list: string): DnsServer[] {
  return list.split(',').map((entry) => {
    const text = entry.trim();
    if (isIP(text) !== 0) return { address: text, port: 53 };
    const [, v6, v4, port] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
    const address = v6 ?? v4 ?? '';
    if (isIP(address) === 0 || Number(port) > 65_535) {
      throw new Error(`"${text}" is not a resolver; give an IP address, or address:port`);
    }
    return { address, port: Number(port) };
  });
}
