import type { Answer } from 'dns-packet';
import type { Lookup, RecordType } from '#shared/core/model/lookup.ts';
import type { DnsReply } from './exchange.ts';

/** Longer chains of CNAMEs are not followed. */
export const CNAME_DEPTH = 8;
const MOST_VALUES = 100;
/** Octets of one character-string (RFC 1035 §3.3). */
const MAX_STRING_OCTETS = 255;

export const unknownLookup: Lookup = { outcome: 'unknown', values: [], cnames: [] };

/** Lower case, no trailing dot. */
export const canonical = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/**
 * The content of a recursive resolver's reply; `unfinished` names where its chain of CNAMEs goes
 * on.
 */
export interface Reading {
  readonly lookup: Lookup;
  readonly unfinished?: string;
}

/**
 * Reads a recursive resolver's reply, following the CNAMEs that it holds.
 *
 * @param name what was asked, lower case
 */
export function readRecursive(reply: DnsReply, name: string, type: RecordType): Reading {
  if (reply.rcode !== 'NOERROR' && reply.rcode !== 'NXDOMAIN') return { lookup: unknownLookup };
  const cnames = type === 'CNAME' ? [] : followed(reply.answers, name);
  // The end of a chain that is too long, or runs in a circle, is not known.
  if (cnames.length > CNAME_DEPTH) return { lookup: unknownLookup };
  const end = cnames.at(-1) ?? name;
  const values = valuesAt(reply.answers, end, type);
  const outcome = reply.rcode === 'NXDOMAIN' ? 'nxdomain' : 'ok';
  const ttl = values.length > 0 ? leastTtl(reply.answers, type) : undefined;
  const lookup: Lookup = { outcome, values, cnames, ...(ttl === undefined ? {} : { ttl }) };
  const concluded = values.length > 0 || outcome === 'nxdomain' || cnames.length === 0;
  return concluded || hasSoaFor(reply.authorities, end) ? { lookup } : { lookup, unfinished: end };
}

/** The targets of the chain of CNAMEs that begins at `name`; one more than allowed where it is too long. */
function followed(answers: readonly Answer[], name: string): string[] {
  const cnames: string[] = [];
  while (cnames.length <= CNAME_DEPTH) {
    const [target] = valuesAt(answers, cnames.at(-1) ?? name, 'CNAME');
    if (target === undefined) break;
    cnames.push(target);
  }
  return cnames;
}

/**
 * Reads an authoritative server's reply: its own name's records and no further.
 *
 * @returns `unknown` where the server failed (SERVFAIL); undefined where it does not have the zone
 *   (lame) or refused
 */
export function readAuthoritative(
  reply: DnsReply,
  name: string,
  type: RecordType,
): Lookup | undefined {
  if (reply.rcode === 'SERVFAIL') return unknownLookup;
  if (!reply.authoritative) return undefined;
  if (reply.rcode !== 'NOERROR' && reply.rcode !== 'NXDOMAIN') return undefined;
  const [target] = type === 'CNAME' ? [] : valuesAt(reply.answers, name, 'CNAME');
  // A server that has the target's zone too says NXDOMAIN for the target: the name itself exists.
  if (target !== undefined) {
    const ttl = ttlAt(reply.answers, name, 'CNAME');
    return { outcome: 'ok', values: [], cnames: [target], ...ttl };
  }
  const values = valuesAt(reply.answers, name, type);
  const exists = reply.rcode === 'NOERROR' || values.length > 0;
  return {
    outcome: exists ? 'ok' : 'nxdomain',
    values,
    cnames: [],
    ...ttlAt(reply.answers, name, type),
    ...stringsAt(reply.answers, name, type),
  };
}

/** The TTL of a record set (RFC 2181 §5.2: its records have the same). */
function ttlAt(answers: readonly Answer[], name: string, type: RecordType): Pick<Lookup, 'ttl'> {
  const ttls = answers.flatMap((answer) =>
    answer.type === type && canonical(answer.name) === name && 'ttl' in answer
      ? (answer.ttl ?? [])
      : [],
  );
  return ttls.length === 0 ? {} : { ttl: Math.min(...ttls) };
}

const isFull = (part: Buffer, index: number, parts: readonly Buffer[]): boolean =>
  index === parts.length - 1 || part.length === MAX_STRING_OCTETS;

/** The strings of each TXT value, where they are not split as they would be here. */
function stringsAt(
  answers: readonly Answer[],
  name: string,
  type: RecordType,
): Pick<Lookup, 'strings'> {
  if (type !== 'TXT') return {};
  const strings = answers.flatMap((answer) =>
    answer.type === 'TXT' && canonical(answer.name) === name ? [partsOf(answer.data)] : [],
  );
  if (strings.every((parts) => parts.every(isFull))) return {};
  return {
    strings: strings
      .slice(0, MOST_VALUES)
      .map((parts) => parts.map((part) => part.toString('utf8'))),
  };
}

/**
 * The zone that a server refers to, and its name servers, where its reply is a referral from `zone`
 * down towards `name` (RFC 1034 §4.3.2).
 */
export function readReferral(
  reply: DnsReply,
  zone: string,
  name: string,
): { readonly zone: string; readonly nameServers: readonly string[] } | undefined {
  if (reply.authoritative || reply.rcode !== 'NOERROR' || reply.answers.length > 0)
    return undefined;
  const owner = reply.authorities.find(
    (record) => record.type === 'NS' && leadsTo(canonical(record.name), zone, name),
  )?.name;
  if (owner === undefined) return undefined;
  const below = canonical(owner);
  return { zone: below, nameServers: valuesAt(reply.authorities, below, 'NS') };
}

/**
 * Reads which name servers a server of `zone` names for a name below it: by its referral, or by its
 * own answer where it has the zone below too, or nothing there.
 *
 * @returns `unknown` where the server failed; undefined where it refers to a zone in between, does not
 *   have the zone, or refused
 */
export function readDelegated(reply: DnsReply, zone: string, name: string): Lookup | undefined {
  const referral = readReferral(reply, zone, name);
  if (referral === undefined) return readAuthoritative(reply, name, 'NS');
  return referral.zone === name
    ? { outcome: 'ok', values: referral.nameServers, cnames: [] }
    : undefined;
}

const leadsTo = (cut: string, zone: string, name: string): boolean =>
  cut.endsWith(`.${zone}`) && (name === cut || name.endsWith(`.${cut}`));

/** Returns how long an answer holds: the shortest TTL of its record and of the CNAMEs to it. */
function leastTtl(answers: readonly Answer[], type: RecordType): number | undefined {
  const ttls = answers.flatMap((answer) =>
    (answer.type === type || answer.type === 'CNAME') && 'ttl' in answer ? (answer.ttl ?? []) : [],
  );
  return ttls.length === 0 ? undefined : Math.min(...ttls);
}

function hasSoaFor(authorities: readonly Answer[], name: string): boolean {
  return authorities.some((record) => {
    if (record.type !== 'SOA') return false;
    const zone = canonical(record.name);
    return zone === '' || name === zone || name.endsWith(`.${zone}`);
  });
}

function valuesAt(answers: readonly Answer[], name: string, type: RecordType): string[] {
  const values: string[] = [];
  for (const answer of answers) {
    if (answer.type !== type || canonical(answer.name) !== name) continue;
    const value = textOf(answer);
    if (value !== undefined && values.length < MOST_VALUES) values.push(value);
  }
  return values;
}

function textOf(answer: Answer): string | undefined {
  if (answer.type === 'A' || answer.type === 'AAAA') return answer.data;
  if (answer.type === 'CNAME' || answer.type === 'NS' || answer.type === 'PTR') {
    return canonical(answer.data);
  }
  if (answer.type === 'MX') {
    return `${answer.data.preference ?? 0} ${canonical(answer.data.exchange) || '.'}`;
  }
  if (answer.type === 'TXT') return txtOf(answer.data);
  if (answer.type === 'SOA') {
    const { mname, rname, serial, refresh, retry, expire, minimum } = answer.data;
    return [mname, rname, serial, refresh, retry, expire, minimum].join(' ');
  }
  return undefined;
}

/** The strings of a TXT record are one text (RFC 7208 §3.3, RFC 6376 §3.6.2.2). */
const txtOf = (data: TxtData): string => Buffer.concat(partsOf(data)).toString('utf8');

type TxtData = string | Buffer | (string | Buffer)[];

const partsOf = (data: TxtData): Buffer[] =>
  (Array.isArray(data) ? data : [data]).map((part) =>
    typeof part === 'string' ? Buffer.from(part) : part,
  );
