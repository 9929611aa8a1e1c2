import { mapLimited } from '#shared/async/limit.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { ServiceNetworksStore } from '#shared/app/ports/service-networks.ts';
import { serviceIncludes } from '#shared/core/reports/services/networks.ts';
import { flatten } from '#shared/core/spf/flatten.ts';

export interface ServicePorts {
  readonly networks: Pick<ServiceNetworksStore, 'put'>;
  readonly resolver: Pick<Resolver, 'lookup'>;
  readonly clock: Clock;
}

const AT_ONCE = 5;

/**
 * Reads the networks of every known mail service, by which addresses in reports are named. What
 * cannot be listed keeps the networks that were seen last.
 *
 * @returns the includes that could not be listed, with the reason
 */
export async function refreshServices({
  networks,
  resolver,
  clock,
}: ServicePorts): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>();
  await mapLimited([...serviceIncludes.keys()], { tasks: AT_ONCE }, async (include) => {
    const seen = await flatten(`include:${include}`, (name, type) => resolver.lookup(name, type));
    if (seen.kind === 'failed') failed.set(include, seen.detail);
    else {
      const seenAt = clock.now().toISOString();
      await networks.put({ include, networks: seen.addresses, seenAt });
    }
  });
  return failed;
}
