import type { ServiceNetworks } from '#shared/core/reports/services/networks.ts';

/** The networks of known mail services. */
export interface ServiceNetworksStore {
  all(): Promise<ServiceNetworks[]>;
  /** Writes what was seen; what was seen later stays. */
  put(networks: ServiceNetworks): Promise<void>;
}
