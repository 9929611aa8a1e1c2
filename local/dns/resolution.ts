import type { Zone } from './zone.ts';
import { canonicalName, isWithin, selfAndAncestors } from './records.ts';
import type { ZoneRecord } from './records.ts';

/** A zone that some source has, or has in a form that cannot be served. */
export type ServedZone =
  | {
      readonly state: 'served';
      readonly zone: Zone;
      /**
       * `implied`: reached whether or not the zone above delegates to it, as customers' zone files are.
       * `required`: below another zone it is reached only by NS records there that name its servers.
       */
      readonly delegation: 'implied' | 'required';
    }
  | { readonly state: 'broken'; readonly apex: string }
  /** Its name servers answer nothing, as in an outage; resolvers still know their names. */
  | {
      readonly state: 'silent';
      readonly apex: string;
      readonly nameServers: readonly ZoneRecord[];
    };

/** The address of the DNS server, unless it is given another. */
export const DNS_ADDRESS = '127.0.0.1';

/** The sources of zones: the Route 53 stand-in, the customers' zone files. */
export interface ZoneSource {
  /** The zones with exactly this canonical apex, the one to prefer first. */
  at(apex: string): readonly ServedZone[];
  /** Returns the address of a name server of some zone here; undefined where the name is none's. */
  serverAddress(name: string): string | undefined;
}

export type Rcode = 'NOERROR' | 'SERVFAIL' | 'NXDOMAIN';

export interface Resolution {
  /** Undefined where the name's servers give no answer. */
  readonly rcode: Rcode | undefined;
  /** The whole chain: aliases in order, then what they lead to. */
  readonly answers: readonly ZoneRecord[];
  /** The SOA of a negative answer (RFC 2308 §3), or the NS records of a referral. */
  readonly authorities: readonly ZoneRecord[];
  /** Set where the zone is another host's, which `authorities` names (RFC 1034 §4.3.2 step 3b). */
  readonly referral?: true;
}

/** Longer alias chains end in SERVFAIL, as loops do. */
const MAX_ALIASES = 16;

const ROOT_SOA: ZoneRecord = {
  name: '',
  type: 'SOA',
  ttl: 60,
  data: {
    mname: 'ns.local',
    rname: 'hostmaster.local',
    serial: 1,
    refresh: 7200,
    retry: 900,
    expire: 1_209_600,
    minimum: 60,
  },
};

/** The negative answer's SOA, with the TTL that caches use (RFC 2308 §5). */
function negativeSoa(zone: Zone): ZoneRecord[] {
  return zone.get(zone.apex, 'SOA').map((soa) => {
    const minimum = soa.type === 'SOA' ? (soa.data.minimum ?? soa.ttl) : soa.ttl;
    return { ...soa, ttl: Math.min(soa.ttl, minimum) };
  });
}

/** Delegated to servers that do not have the zone. */
interface Unreachable {
  readonly state: 'unreachable';
  readonly delegation: readonly ZoneRecord[];
}

type Found = ServedZone | Unreachable | undefined;

function delegatedZone(
  sources: readonly ZoneSource[],
  above: Zone,
  cut: string,
  nameServers: readonly string[],
): Found {
  const candidates = sources.flatMap((source) => source.at(cut));
  const match = candidates.find(
    (candidate) =>
      candidate.state === 'served' &&
      candidate.zone
        .get(cut, 'NS')
        .some(
          (record) =>
            record.type === 'NS' &&
            nameServers.includes(record.data) &&
            (needsNone(candidate) || hasAddress(sources, record.data, cut)),
        ),
  );
  // NS records that name no server of the zone leave a resolver without a server to ask.
  return match ?? { state: 'unreachable', delegation: above.get(cut, 'NS') };
}

/** A name server without an address is none; one in its own zone has its glue above. */
function hasAddress(sources: readonly ZoneSource[], server: string, cut: string): boolean {
  if (isWithin(server, cut)) return true;
  if (sources.some((source) => source.serverAddress(server) !== undefined)) return true;
  const found = authorityFor(sources, server);
  return found?.state === 'served' && found.zone.find(server, 'A').kind === 'records';
}

/**
 * Returns where the way down to a name begins: at the closest zone that needs no delegation.
 * Otherwise at a zone that needs one but has none of its kind above it, whose delegation is the
 * registry's business.
 */
function startFor(sources: readonly ZoneSource[], name: string): ServedZone | undefined {
  const zones = selfAndAncestors(name).flatMap((apex) =>
    sources.flatMap((source) => source.at(apex)),
  );
  const highest = zones.findLast((zone) => !needsNone(zone));
  return zones.find(
    (zone) => needsNone(zone) || (highest !== undefined && apexOf(zone) === apexOf(highest)),
  );
}

const needsNone = (zone: ServedZone): boolean =>
  zone.state !== 'served' || zone.delegation === 'implied';

const apexOf = (found: ServedZone): string =>
  found.state === 'served' ? found.zone.apex : found.apex;

/** The zone that answers for a name: from there down by delegations, as a resolver finds it. */
function authorityFor(sources: readonly ZoneSource[], name: string): Found {
  let current: Found = startFor(sources, name);
  while (current?.state === 'served') {
    const answer = current.zone.find(name, 'NS');
    if (answer.kind !== 'delegation') return current;
    current = delegatedZone(sources, current.zone, answer.cut, answer.nameServers);
  }
  return current;
}

/**
 * Answers a question from all zones together, as a recursive resolver would that knows only them.
 * Name servers that no zone has an address for are where their source says.
 * @param acrossZones true if an alias into another zone is followed
 */
export function resolve(
  sources: readonly ZoneSource[],
  question: { readonly name: string; readonly type: string },
  acrossZones: boolean,
): Resolution {
  const answers: ZoneRecord[] = [];
  let name = canonicalName(question.name);
  let first: Zone | undefined;
  for (let aliases = 0; aliases <= MAX_ALIASES; aliases++) {
    const found = authorityFor(sources, name);
    if (found === undefined) {
      if (answers.length > 0 && !acrossZones) break;
      return outside(sources, name, question.type, answers);
    }
    if (found.state === 'unreachable' && !acrossZones) {
      if (answers.length > 0) break;
      return { rcode: 'NOERROR', answers: [], authorities: found.delegation, referral: true };
    }
    if (found.state === 'silent') {
      if (!acrossZones) return { rcode: undefined, answers: [], authorities: [] };
      const isKnown = name === found.apex && question.type === 'NS';
      if (isKnown) return { rcode: 'NOERROR', answers: found.nameServers, authorities: [] };
    }
    if (found.state !== 'served') return { rcode: 'SERVFAIL', answers: [], authorities: [] };
    const { zone } = found;
    first ??= zone;
    if (zone !== first && !acrossZones) break;
    const answer = zone.find(name, question.type);
    switch (answer.kind) {
      case 'records':
        return { rcode: 'NOERROR', answers: [...answers, ...answer.records], authorities: [] };
      case 'alias':
        answers.push(answer.record);
        name = answer.target;
        continue;
      case 'no-data':
        return { rcode: 'NOERROR', answers, authorities: negativeSoa(zone) };
      case 'no-name':
        return { rcode: 'NXDOMAIN', answers, authorities: negativeSoa(zone) };
      case 'delegation':
        return { rcode: 'SERVFAIL', answers: [], authorities: [] };
    }
  }
  const looped = answers.length > MAX_ALIASES;
  return looped
    ? { rcode: 'SERVFAIL', answers: [], authorities: [] }
    : { rcode: 'NOERROR', answers, authorities: [] };
}

function outside(
  sources: readonly ZoneSource[],
  name: string,
  type: string,
  answers: readonly ZoneRecord[],
): Resolution {
  const [data] = sources.flatMap((source) => source.serverAddress(name) ?? []);
  if (data === undefined) return { rcode: 'NXDOMAIN', answers, authorities: [ROOT_SOA] };
  if (type !== 'A') return { rcode: 'NOERROR', answers, authorities: [ROOT_SOA] };
  const address: ZoneRecord = { name, type: 'A', ttl: 3600, data };
  return { rcode: 'NOERROR', answers: [...answers, address], authorities: [] };
}
