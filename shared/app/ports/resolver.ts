import type { Delegation, Lookup, RecordType } from '#shared/core/model/lookup.ts';

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
  /** How the zone that `name` lies in is reached, and who serves it: why there are no answers. */
  delegation(name: string): Promise<Delegation>;
}
