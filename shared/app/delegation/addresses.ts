import { ADDRESS_TTL } from '#shared/core/model/delegated-zone.ts';
import type { Label } from '#shared/core/model/names.ts';
import { nameServerOf } from '#shared/core/records/kinds/delegation.ts';
import { zoneChanges, type ZoneRecordSet } from '#shared/core/records/zone-record-sets.ts';
import { ZoneUnavailable } from '../ports/zone.ts';
import type { DelegationPorts } from './ports.ts';

type AddressPorts = Pick<DelegationPorts, 'host' | 'serviceZoneId' | 'deployment'>;

/** Gives the name server of a label the addresses of the servers of a delegation set. */
export async function publishAddresses(
  label: Label,
  nameServers: readonly string[],
  ports: AddressPorts & Pick<DelegationPorts, 'resolver'>,
): Promise<void> {
  const name = nameServerOf(label, ports.deployment.zone);
  const sets = await Promise.all(
    (['A', 'AAAA'] as const).map(async (type): Promise<ZoneRecordSet> => {
      const lookups = await Promise.all(
        nameServers.map((host) => ports.resolver.lookup(host, type)),
      );
      if (lookups.some(({ outcome }) => outcome === 'unknown')) {
        throw new ZoneUnavailable(`for the addresses of ${nameServers.join(', ')}`);
      }
      const values = [...new Set(lookups.flatMap((lookup) => lookup.values))].toSorted();
      return { name, type, ttl: ADDRESS_TTL, values };
    }),
  );
  if (sets[0]?.values.length === 0) {
    throw new ZoneUnavailable(`for the addresses of ${nameServers.join(', ')}, which have none`);
  }
  const desired = sets.filter(({ values }) => values.length > 0);
  await change(name, desired, ports);
}

/** Takes all addresses from the name server of a label. */
export const removeAddresses = (label: Label, ports: AddressPorts): Promise<void> =>
  change(nameServerOf(label, ports.deployment.zone), [], ports);

/** Returns true if the name server of a label has no address. */
export async function hasNoAddresses(
  label: Label,
  { host, serviceZoneId, deployment }: AddressPorts,
): Promise<boolean> {
  const name = nameServerOf(label, deployment.zone);
  return (await host.recordsAt(serviceZoneId, name)).length === 0;
}

async function change(
  name: string,
  desired: readonly ZoneRecordSet[],
  { host, serviceZoneId }: AddressPorts,
): Promise<void> {
  const changes = zoneChanges(desired, await host.recordsAt(serviceZoneId, name));
  if (changes.length > 0) await host.change(serviceZoneId, changes);
}
