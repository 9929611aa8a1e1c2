import type { ServiceNetworksStore } from '#shared/app/ports/service-networks.ts';
import type { ServiceNetworks } from '#shared/core/reports/services/networks.ts';

export class MemoryServiceNetworks implements ServiceNetworksStore {
  readonly #items = new Map<string, ServiceNetworks>();

  async all(): Promise<ServiceNetworks[]> {
    return [...this.#items.values()].toSorted((one, other) =>
      one.include < other.include ? -1 : 1,
    );
  }

  async put(networks: ServiceNetworks): Promise<void> {
    const present = this.#items.get(networks.include);
    if (present === undefined || present.seenAt < networks.seenAt) {
      this.#items.set(networks.include, networks);
    }
  }
}
