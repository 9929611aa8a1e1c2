import type { Delegation, Lookup, RecordType } from '#shared/core/model/lookup.ts';

/** DNS, as the configured recursive resolvers see it, and as a domain's own servers do. */
export interface Resolver {
  /** Asks the recursive resolvers in turn until one answers. Never throws for what DNS says. */
  lookup(name: string, type: RecordType): Promise<Lookup>;
  /** Asks each of the recursive resolvers; one answer for each, in the order configured. */
  lookupEverywhere(name: string, type: RecordType): Promise<readonly Lookup[]>;
  /**
   * Asks every authoritative server of the zone of `name`; one answer for each server that
   * answered, `unknown` for one that failed (SERVFAIL); silent and lame servers are not in it. CNAMEs
   * are not followed: `cnames` is then the target alone and `values` is empty (for type CNAME,
   * `values` is the target).
   */
  authoritative(name: string, type: RecordType): Promise<readonly Lookup[]>;
  /**
   * Asks every server of the zone above `name` which name servers it names for it, `values`; one
   * answer for each server that answered, as `authoritative` gives them.
   */
  delegatedTo(name: string): Promise<readonly Lookup[]>;
  /** Reads how the zone of `name` is reached, and who serves it: why there are no answers. */
  delegation(name: string): Promise<Delegation>;
}
