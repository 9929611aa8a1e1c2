/**
 * - `ok`: answers follow (none: the name exists, but has nothing of this type).
 * - `nxdomain`: the name does not exist.
 * - `unknown`: SERVFAIL, refused, timed out or lame; proves nothing and changes nothing.
 */
export type LookupOutcome = 'ok' | 'nxdomain' | 'unknown';

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'SOA' | 'TXT';

export interface Lookup {
  readonly outcome: LookupOutcome;
  /**
   * Values of the type asked for, after following CNAMEs. TXT: the strings of a record joined. MX:
   * `10 host`. Names: lower case, no trailing dot.
   */
  readonly values: readonly string[];
  /** The CNAME targets followed, in order, lower case, no trailing dot. */
  readonly cnames: readonly string[];
}

/** DNS, as the configured recursive resolvers see it, and as a domain's own servers do. */
export interface Resolver {
  /** Asks the recursive resolvers in turn until one answers. Never throws for what DNS says. */
  lookup(name: string, type: RecordType): Promise<Lookup>;
  /**
   * Asks every authoritative server of the zone that `name` lies in, one answer per server that
   * answered; CNAMEs are not followed. Empty where none did.
   */
  authoritative(name: string, type: RecordType): Promise<readonly Lookup[]>;
}
