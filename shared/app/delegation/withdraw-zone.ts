import { WITHDRAWN_MS, type DelegatedZone } from '#shared/core/model/delegated-zone.ts';
import { hasNoAddresses, removeAddresses } from './addresses.ts';
import type { DelegationPorts } from './ports.ts';

/** The longest that SQS delays a message. */
const WAIT_SECONDS = 900;

/**
 * Gives a zone up: the addresses of its label first, and an hour after them the zone. The delegation
 * that the customer left behind then leads to no server, and no zone that anybody makes on the same
 * servers can answer for it.
 */
export async function withdraw(zone: DelegatedZone, ports: DelegationPorts): Promise<void> {
  const { tenant, domain, label, version } = zone;
  const now = ports.clock.now();
  if (zone.state !== 'withdrawn' || !(await hasNoAddresses(label, ports))) {
    await removeAddresses(label, ports);
    const since = now.toISOString();
    await ports.zones.put({ ...zone, state: 'withdrawn', since, version: version + 1 });
    ports.log({ kind: 'withdrawn', tenant, domain });
    return later(zone, ports);
  }
  if (now.getTime() < Date.parse(zone.since) + WITHDRAWN_MS) return later(zone, ports);
  await remove(zone, ports);
  await ports.zones.delete(zone);
  ports.log({ kind: 'deleted', tenant, domain });
}

const later = ({ tenant, domain, label }: DelegatedZone, { queue }: DelegationPorts) =>
  queue.send([{ tenant, domain, label }], { delaySeconds: WAIT_SECONDS });

async function remove(zone: DelegatedZone, { host }: DelegationPorts): Promise<void> {
  const { domain, callerReference } = zone;
  // The answer that had its id may have been lost.
  const zoneId = zone.zoneId ?? (await host.find(domain, callerReference));
  if (zoneId === undefined) return;
  const sets = await host.records(zoneId);
  if (sets === undefined) return;
  const others = sets.filter(({ name, type }) => name !== domain || type !== 'NS');
  if (others.length > 0) {
    await host.change(
      zoneId,
      others.map((set) => ({ action: 'DELETE', set })),
    );
  }
  await host.delete(zoneId);
}
