import type { Claim } from '#shared/core/model/claim.ts';
import type { DelegatedZone } from '#shared/core/model/delegated-zone.ts';
import { zoneChanges, zoneRecordSets } from '#shared/core/records/zone-record-sets.ts';
import { identityViews } from '../identity-views.ts';
import { ZoneNotMade, type DelegationSet } from '../ports/delegated-zones.ts';
import type { DelegationRequest } from '../ports/queues.ts';
import { publishAddresses, removeAddresses } from './addresses.ts';
import { setWithRoom, setOf } from './delegation-sets.ts';
import type { DelegationPorts } from './ports.ts';

/** Seconds until a change is asked after; most are INSYNC within 60. */
const INSYNC_SECONDS = 10;
/** Seconds until SES is likely to have given the token of a domain. */
const TOKEN_SECONDS = 60;

/**
 * Makes the zone of a claim whose label the zone above names: first the zone with its records, then,
 * once all of Route 53's servers have them, the addresses of the label's name server.
 */
export async function serve(
  claim: Claim,
  present: DelegatedZone | undefined,
  request: DelegationRequest,
  ports: DelegationPorts,
): Promise<void> {
  const { host, queue } = ports;
  const { awaits, ...repeated } = request;
  const again = (delaySeconds: number, change?: string): Promise<void> =>
    queue.send([{ ...repeated, ...(change === undefined ? {} : { awaits: change }) }], {
      delaySeconds,
    });
  if (awaits !== undefined && !(await host.isInsync(awaits))) return again(INSYNC_SECONDS, awaits);
  let zone: DelegatedZone & { readonly zoneId: string };
  try {
    zone = await made(await owned(claim, present, ports), ports);
  } catch (error) {
    if (!(error instanceof ZoneNotMade)) throw error;
    const { tenant, domain } = claim;
    return ports.log({ kind: 'not-made', tenant, domain, reason: error.reason });
  }
  const identity = (await identityViews([claim], ports.identities)).get(claim.label);
  const token = identity?.token === undefined ? undefined : { token: identity.token };
  const desired = zoneRecordSets(claim, token, ports.deployment);
  const records = await host.records(zone.zoneId);
  if (records === undefined) return forget(zone, () => again(0), ports);
  const changes = zoneChanges(desired, records);
  if (changes.length > 0) {
    const change = await host.change(zone.zoneId, changes);
    if (zone.state !== 'serving') return again(INSYNC_SECONDS, change);
  }
  if (zone.state !== 'serving') await open(zone, ports);
  if (token === undefined) await again(TOKEN_SECONDS);
}

/** The zone as the claim's, in the table; of another label before it, that one's addresses go first. */
async function owned(
  { tenant, domain, label }: Claim,
  present: DelegatedZone | undefined,
  ports: DelegationPorts,
): Promise<DelegatedZone> {
  const since = ports.clock.now().toISOString();
  if (present === undefined) {
    if ((await ports.zones.list()).length >= ports.mostZones) {
      throw new ZoneNotMade(
        `there are ${ports.mostZones} zones, which is as many as are configured`,
      );
    }
    const { id: set } = await setWithRoom(ports);
    const callerReference = `${label}-${ports.clock.now().getTime()}`;
    const zone = {
      domain,
      tenant,
      label,
      state: 'making',
      since,
      callerReference,
      set,
      version: 1,
    };
    return written(zone as DelegatedZone, ports);
  }
  if (present.label === label && present.state !== 'withdrawn') return present;
  if (present.label !== label) await removeAddresses(present.label, ports);
  const version = present.version + 1;
  return written({ ...present, tenant, label, state: 'making', since, version }, ports);
}

/** A zone that is gone was being given up when its label was named again; another is made. */
async function forget(
  gone: DelegatedZone,
  again: () => Promise<void>,
  { zones, clock }: DelegationPorts,
): Promise<void> {
  const { zoneId: _, ...zone } = gone;
  const now = clock.now();
  await zones.put({
    ...zone,
    state: 'making',
    since: now.toISOString(),
    callerReference: `${zone.label}-${now.getTime()}`,
    version: zone.version + 1,
  });
  await again();
}

async function made(
  zone: DelegatedZone,
  ports: DelegationPorts,
): Promise<DelegatedZone & { readonly zoneId: string }> {
  if (zone.zoneId !== undefined) return { ...zone, zoneId: zone.zoneId };
  const { domain, callerReference, set, version } = zone;
  const zoneId = await ports.host.create(domain, callerReference, set);
  const next = { ...zone, zoneId, version: version + 1 };
  await ports.zones.put(next);
  return next;
}

/** The state is noted last: a pass that is cut short before opens the zone once more. */
async function open(zone: DelegatedZone, ports: DelegationPorts): Promise<void> {
  const { tenant, domain, label, version } = zone;
  const { nameServers }: DelegationSet = await setOf(zone, ports);
  await publishAddresses(label, nameServers, ports);
  const since = ports.clock.now().toISOString();
  await ports.zones.put({ ...zone, state: 'serving', since, version: version + 1 });
  ports.log({ kind: 'served', tenant, domain });
  // What the check waited for is there.
  await ports.checks.schedule({ tenant, domain, label, dueAt: since });
}

async function written(zone: DelegatedZone, { zones }: DelegationPorts): Promise<DelegatedZone> {
  await zones.put(zone);
  return zone;
}
