import {
  ZoneNotMade,
  type DelegationSet,
  type ZoneHost,
} from '#shared/app/ports/delegated-zones.ts';
import { ZoneRefusal } from '#shared/app/ports/zone.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { isAtOrBelow } from '#shared/core/model/names.ts';
import type { ZoneChange, ZoneRecordSet } from '#shared/core/records/zone-record-sets.ts';

interface Zone {
  readonly domain: DomainName;
  readonly reference: string;
  readonly set: string | undefined;
  sets: readonly ZoneRecordSet[];
}

/** The zone of the deployment, in which name servers of labels have their addresses. */
export const SERVICE_ZONE = 'ZSERVICE';

/** Hosted zones and delegation sets in memory, with Route 53's rules on both. */
export class MemoryZoneHost implements ZoneHost {
  readonly zones = new Map<string, Zone>([
    [
      SERVICE_ZONE,
      { domain: 'sd.example.net' as DomainName, reference: '', set: undefined, sets: [] },
    ],
  ]);
  readonly made: (DelegationSet & { readonly reference: string })[] = [];
  /** The most zones of a set, and the most sets. */
  limits = { zones: 100, sets: 100 };
  /** True if changes are not INSYNC yet. */
  pending = false;
  #ids = 0;

  async sets(reference: string): Promise<readonly DelegationSet[]> {
    return this.made.filter((set) => set.reference.startsWith(reference));
  }

  async createSet(reference: string): Promise<DelegationSet> {
    const known = this.made.find((set) => set.reference === reference);
    if (known !== undefined) return known;
    if (this.made.length >= this.limits.sets) throw new ZoneNotMade('LimitsExceeded: sets');
    const id = this.#id('N');
    const nameServers = ['a', 'b', 'c', 'd'].map((one) => `${one}.${id.toLowerCase()}.awsdns.test`);
    const set = { id, reference, nameServers };
    this.made.push(set);
    return set;
  }

  async roomIn(set: string): Promise<number> {
    return this.limits.zones - [...this.zones.values()].filter((one) => one.set === set).length;
  }

  async create(domain: DomainName, reference: string, set: string): Promise<string> {
    const known = await this.find(domain, reference);
    if (known !== undefined) return known;
    const same = [...this.zones.values()].filter((zone) => zone.set === set);
    if (same.length >= this.limits.zones) throw new ZoneNotMade('LimitsExceeded: zones');
    const near = same.find(
      (zone) => isAtOrBelow(zone.domain, domain) || isAtOrBelow(domain, zone.domain),
    );
    if (near !== undefined) throw new ZoneNotMade(`ConflictingDomainExists: ${near.domain}`);
    const id = this.#id('Z');
    const ns: ZoneRecordSet = {
      name: domain,
      type: 'NS',
      ttl: 172_800,
      values: ['a.awsdns.test.'],
    };
    this.zones.set(id, { domain, reference, set, sets: [ns] });
    return id;
  }

  async find(domain: DomainName, reference: string): Promise<string | undefined> {
    return [...this.zones].find(
      ([, zone]) => zone.domain === domain && zone.reference === reference,
    )?.[0];
  }

  async records(zoneId: string): Promise<readonly ZoneRecordSet[] | undefined> {
    return this.zones.get(zoneId)?.sets;
  }

  async recordsAt(zoneId: string, name: string): Promise<readonly ZoneRecordSet[]> {
    return this.#zone(zoneId).sets.filter((set) => set.name === name);
  }

  async change(zoneId: string, changes: readonly ZoneChange[]): Promise<string> {
    const zone = this.#zone(zoneId);
    const sets = new Map(zone.sets.map((set) => [keyOf(set), set]));
    for (const { action, set } of changes) {
      if (action === 'UPSERT') {
        sets.set(keyOf(set), set);
        continue;
      }
      const present = sets.get(keyOf(set));
      if (JSON.stringify(present) !== JSON.stringify(set)) {
        throw new ZoneRefusal([`Tried to delete ${keyOf(set)} but it is not there as given`]);
      }
      sets.delete(keyOf(set));
    }
    zone.sets = [...sets.values()];
    return this.#id('C');
  }

  async isInsync(): Promise<boolean> {
    return !this.pending;
  }

  async delete(zoneId: string): Promise<void> {
    const zone = this.zones.get(zoneId);
    if (zone === undefined) return;
    if (zone.sets.some(({ name, type }) => name !== zone.domain || type !== 'NS')) {
      throw new ZoneRefusal(['HostedZoneNotEmpty']);
    }
    this.zones.delete(zoneId);
  }

  #zone(zoneId: string): Zone {
    const zone = this.zones.get(zoneId);
    if (zone === undefined) throw new Error(`NoSuchHostedZone: ${zoneId}`);
    return zone;
  }

  #id(prefix: string): string {
    this.#ids += 1;
    return `${prefix}${this.#ids}`;
  }
}

const keyOf = ({ name, type }: ZoneRecordSet): string => `${name} ${type}`;
