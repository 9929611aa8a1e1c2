import type { DelegatedZoneStore } from '#shared/app/ports/delegated-zones.ts';
import type { DelegatedZone } from '#shared/core/model/delegated-zone.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';

/** The zones of delegated domains in memory. */
export class MemoryDelegatedZones implements DelegatedZoneStore {
  readonly items = new Map<DomainName, DelegatedZone>();

  async get(domain: DomainName): Promise<DelegatedZone | undefined> {
    return this.items.get(domain);
  }

  async list(): Promise<readonly DelegatedZone[]> {
    return [...this.items.values()];
  }

  async put(next: DelegatedZone): Promise<void> {
    this.#requireVersion(next.domain, next.version - 1);
    this.items.set(next.domain, { ...next });
  }

  async delete({ domain, version }: DelegatedZone): Promise<void> {
    this.#requireVersion(domain, version);
    this.items.delete(domain);
  }

  #requireVersion(domain: DomainName, version: number): void {
    if ((this.items.get(domain)?.version ?? 0) !== version) {
      throw new Conflict(`the zone of ${domain}`);
    }
  }
}
