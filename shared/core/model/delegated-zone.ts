import type { DomainName, Label, TenantId } from './names.ts';

/**
 * - `making`: the zone comes to be, and no name server of the label has an address.
 * - `serving`: the label's name server has its addresses.
 * - `withdrawn`: it has none any more; the zone goes once caches have forgotten them.
 */
export type DelegatedZoneState = 'making' | 'serving' | 'withdrawn';

/** The hosted zone of a delegated domain, and the one label whose name server leads to it. */
export interface DelegatedZone {
  readonly domain: DomainName;
  readonly tenant: TenantId;
  readonly label: Label;
  readonly state: DelegatedZoneState;
  /** Since when the state is what it is, ISO 8601. */
  readonly since: string;
  /** What Route 53 was asked for the zone with, so that a lost answer makes no second one. */
  readonly callerReference: string;
  /** The id of its reusable delegation set. */
  readonly set: string;
  /** Absent until Route 53 has made it. */
  readonly zoneId?: string;
  /** Grows by one with every write; every write is conditional on it. */
  readonly version: number;
}

/** Seconds that addresses of a label's name server may be cached. */
export const ADDRESS_TTL = 300;

/** Milliseconds from the last address to the end of the zone: many times what caches may keep. */
export const WITHDRAWN_MS = 3_600_000;
