import type { DelegatedZone } from '#shared/core/model/delegated-zone.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { ZoneChange, ZoneRecordSet } from '#shared/core/records/zone-record-sets.ts';

/** The zones of delegated domains, one a domain. */
export interface DelegatedZoneStore {
  /** Strongly consistent. */
  get(domain: DomainName): Promise<DelegatedZone | undefined>;
  /** All of them; at most as many as an account may have zones. Strongly consistent. */
  list(): Promise<readonly DelegatedZone[]>;
  /**
   * Writes the next version, the first of which is 1, where the one before is there.
   *
   * @throws Conflict
   */
  put(next: DelegatedZone): Promise<void>;
  /** @throws Conflict where it was written meanwhile */
  delete(zone: DelegatedZone): Promise<void>;
}

/** Four name servers that many zones share. */
export interface DelegationSet {
  readonly id: string;
  /** Host names, lower case, no trailing dot. */
  readonly nameServers: readonly string[];
}

/** Route 53 will not make a zone: a quota is full, or a zone above or below has the same servers. */
export class ZoneNotMade extends Error {
  /** In Route 53's words. */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`Route 53 makes no zone: ${reason}`, options);
    this.name = 'ZoneNotMade';
    this.reason = reason;
  }
}

/**
 * Hosted zones of whole domains. Each call may be made again. All throw `Throttled` and
 * `ZoneUnavailable` as `Zone` does.
 */
export interface ZoneHost {
  /** The reusable delegation sets whose caller reference begins so. */
  sets(reference: string): Promise<readonly DelegationSet[]>;
  /** Makes a set, or finds the one that was made with the same reference. @throws ZoneNotMade */
  createSet(reference: string): Promise<DelegationSet>;
  /** The number of further zones that a set may have. */
  roomIn(set: string): Promise<number>;
  /**
   * Makes a zone, or finds the one that was made with the same reference.
   *
   * @returns its id
   * @throws ZoneNotMade
   */
  create(domain: DomainName, reference: string, set: string): Promise<string>;
  /** The id of the zone that was made with a reference, if any. */
  find(domain: DomainName, reference: string): Promise<string | undefined>;
  /** All record sets of a zone but its SOA; undefined where there is no such zone. */
  records(zoneId: string): Promise<readonly ZoneRecordSet[] | undefined>;
  /** The record sets at one name. */
  recordsAt(zoneId: string, name: string): Promise<readonly ZoneRecordSet[]>;
  /** Makes all changes or none. @returns the id of the change */
  change(zoneId: string, changes: readonly ZoneChange[]): Promise<string>;
  /** Returns true once all of Route 53's servers have a change. */
  isInsync(changeId: string): Promise<boolean>;
  /** Deletes a zone that has only SOA and NS at its apex; one that is gone is no error. */
  delete(zoneId: string): Promise<void>;
}
