/**
 * - `ok`: answers follow (none: the name exists, but has nothing of this type).
 * - `nxdomain`: the name, or the end of its chain of CNAMEs, does not exist.
 * - `unknown`: SERVFAIL, refused, timed out, lame, or a chain of more than 8 CNAMEs; proves
 *   nothing and changes nothing.
 */
export type LookupOutcome = 'ok' | 'nxdomain' | 'unknown';

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'SOA' | 'TXT';

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
}

/** DNS, as the configured recursive resolvers see it, and as a domain's own servers do. */
export interface Resolver {
  /** Asks the recursive resolvers in turn until one answers. Never throws for what DNS says. */
  lookup(name: string, type: RecordType): Promise<Lookup>;
  /** Asks each of the recursive resolvers; one answer for each, in the order configured. */
  lookupEverywhere(name: string, type: RecordType): Promise<readonly Lookup[]>;
  /**
   * Asks every authoritative server of the zone that `name` lies in; one answer for each server
   * that answered, never `unknown`; empty where none did. CNAMEs are not followed: where the name
   * has one, `cnames` is its target alone and `values` is empty (but for type CNAME, where
   * `values` is the target).
   */
  authoritative(name: string, type: RecordType): Promise<readonly Lookup[]>;
}
