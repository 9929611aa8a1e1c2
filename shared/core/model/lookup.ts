/**
 * - `ok`: answers follow (none: the name exists, but has nothing of this type).
 * - `nxdomain`: the name, or the end of its chain of CNAMEs, does not exist.
 * - `unknown`: SERVFAIL, refused, timed out, lame, or a chain of more than 8 CNAMEs; proves
 *   nothing and changes nothing.
 */
export type LookupOutcome = 'ok' | 'nxdomain' | 'unknown';

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'PTR' | 'SOA' | 'TXT';

export interface Lookup {
  readonly outcome: LookupOutcome;
  /**
   * Values of the type asked for, after following CNAMEs, at most 100. TXT: the strings of a record
   * joined. MX: `10 host`. SOA: `mname rname serial refresh retry expire minimum`. Names: lower
   * case, no trailing dot.
   */
  readonly values: readonly string[];
  /**
   * The CNAME targets followed, in order, lower case, no trailing dot; empty where CNAME itself was
   * asked for.
   */
  readonly cnames: readonly string[];
  /**
   * Seconds that the values hold, or the CNAME where a domain's own server answers with that. Its own
   * servers give the TTL of the record set itself, recursive resolvers what is left of it.
   */
  readonly ttl?: number;
  /**
   * The strings of each TXT value, as a domain's own server has them; absent where every string but
   * the last of its value has 255 octets.
   */
  readonly strings?: readonly (readonly string[])[];
}

/** Returns the lookups that were answered. */
export const answered = (lookups: readonly Lookup[]): readonly Lookup[] =>
  lookups.filter(({ outcome }) => outcome !== 'unknown');

/**
 * The delegation of a domain's zone in the public DNS.
 *
 * - `served`: a name server of the zone answers for it.
 * - `no-such-domain`: the registrable domain is not in its registry's zone: it is not registered,
 *   or has no name servers there.
 * - `not-delegated`: the zone above names name servers for it, and those that answer do not have
 *   it.
 * - `bogus`: validating resolvers refuse its answers, which are there when asked for without
 *   validation (RFC 4035 §3.2.2, CD).
 * - `unknown`: DNS did not answer.
 */
export type DelegationState = 'served' | 'no-such-domain' | 'not-delegated' | 'bogus' | 'unknown';

export interface Delegation {
  readonly state: DelegationState;
  /** The zone that contains the domain: itself or one above it; absent where not known. */
  readonly zone?: string;
  /** Host names of the zone's name servers, lower case, no trailing dot; empty where not known. */
  readonly nameServers: readonly string[];
}
