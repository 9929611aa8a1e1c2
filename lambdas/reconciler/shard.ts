import type { Claim } from '#shared/core/model/claim.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import { markUncertain, type Publication } from '#shared/app/ports/publication-store.ts';
import { LABELS_PER_REQUEST, publishRequests } from '#shared/app/ports/queues.ts';
import { apart, readApart } from '#shared/app/stored-items.ts';
import { recordKey } from '#shared/core/records/changes.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import { pages } from '#shared/async/page.ts';
import { slicesOf } from '#shared/core/slices.ts';
import { retry, throttledUntil } from '#shared/async/retry.ts';
import { byLabel, differences, wantsPublisher } from './compare.ts';
import type { ReconcilerPorts } from './ports.ts';

/** Four lists a second at most: the account has ten requests, and the publisher needs the others. */
const PAUSE_MS = 250;

/** The run's time is over; what is left is for another run. */
export class OutOfTime extends Error {
  constructor() {
    super('the time of this run is over');
    this.name = 'OutOfTime';
  }
}

/**
 * Compares what a zone holds with what was published and what the claims say. Drift is reported and
 * the publication marked, so that the publisher reads the zone and puts it right. Labels that
 * differ for any reason are enqueued. Records without a claim are reported and left: a record is
 * never deleted for lack of a claim, which a backup may just miss.
 *
 * @param deadline epoch milliseconds
 * @throws OutOfTime
 * @throws Throttled where Route 53 throttles to the end
 * @throws ZoneUnavailable
 */
export async function reconcileShard(
  ports: ReconcilerPorts,
  shard: ShardName,
  deadline: number,
): Promise<void> {
  const zone = await zoneRecords(ports, shard, deadline);
  const publications = await allPublications(ports, shard);
  const { byLabel: inZone, strays } = byLabel(zone.records, shard);
  if (strays.length + zone.foreign.length > 0) {
    ports.log({ kind: 'drift', shard, records: [...strays, ...zone.foreign] });
  }
  const labels = [...new Set([...publications.keys(), ...inZone.keys()])];
  for (const part of slicesOf(labels, LABELS_PER_REQUEST)) {
    const { found: claims, malformed } = await readApart(part, (some) =>
      ports.claims.getByLabels(some),
    );
    const orphans = part.filter((label) => !claims.has(label) && !malformed.has(label));
    const unaccounted = orphans.flatMap((label) => inZone.get(label) ?? []).map(recordKey);
    if (unaccounted.length > 0) ports.log({ kind: 'drift', shard, records: unaccounted });
    const suspects = part.filter((label) => {
      const publication = publications.get(label);
      if (!claims.has(label) || publication?.uncertainSince !== undefined) return false;
      return differences(publication?.records ?? [], inZone.get(label) ?? []).length > 0;
    });
    const drifted = await driftOf(ports, shard, deadline, suspects);
    const readable = part.filter((label) => !malformed.has(label));
    const wanting = await wantingPublisher(ports, readable, publications, claims);
    await enqueuePublish(ports, shard, [...drifted, ...wanting]);
  }
  ports.log({ kind: 'reconciled', shard, records: zone.records.length });
}

/** Queues labels to be published, each once. */
export async function enqueuePublish(
  { publishQueue, log }: ReconcilerPorts,
  shard: ShardName,
  labels: readonly Label[],
): Promise<void> {
  const distinct = new Set(labels);
  if (distinct.size === 0) return;
  await publishQueue.send(publishRequests(shard, distinct), { group: (request) => request.shard });
  log({ kind: 'enqueued', shard, labels: distinct.size });
}

async function zoneRecords(
  ports: ReconcilerPorts,
  shard: ShardName,
  deadline: number,
): Promise<{ records: HostedRecord[]; foreign: string[] }> {
  const records: HostedRecord[] = [];
  const foreign: string[] = [];
  const zone = pages(({ cursor }) =>
    rateLimited(ports, deadline, () => ports.zone.list(shard, cursor)),
  );
  for await (const page of zone) {
    records.push(...page.records);
    foreign.push(...page.foreign);
  }
  return { records, foreign };
}

async function allPublications(
  { publications }: ReconcilerPorts,
  shard: ShardName,
): Promise<Map<Label, Publication>> {
  const all = new Map<Label, Publication>();
  for await (const page of pages(({ cursor }) => publications.list(shard, cursor))) {
    for (const publication of page.publications) all.set(publication.label, publication);
  }
  return all;
}

/**
 * Compares labels whose records differ again, one by one, since a publisher may have been at work
 * between the two listings. @returns those that drifted, marked for the publisher
 */
async function driftOf(
  ports: ReconcilerPorts,
  shard: ShardName,
  deadline: number,
  suspects: readonly Label[],
): Promise<Label[]> {
  const drifted: Label[] = [];
  const compare = async (label: Label): Promise<void> => {
    const before = (await ports.publications.get(shard, [label])).get(label);
    const actual = await rateLimited(ports, deadline, () => ports.zone.listLabel(shard, label));
    const after = (await ports.publications.get(shard, [label])).get(label);
    const isAtRest = before?.revision === after?.revision && after?.uncertainSince === undefined;
    const records = differences(after?.records ?? [], actual.records);
    if (!isAtRest || records.length === 0) return;
    ports.log({ kind: 'drift', shard, records });
    await markUncertain(ports.publications, shard, label, ports.clock.now().toISOString());
    drifted.push(label);
  };
  for (const label of suspects) await apart([label], () => compare(label));
  return drifted;
}

async function wantingPublisher(
  ports: ReconcilerPorts,
  labels: readonly Label[],
  publications: ReadonlyMap<Label, Publication>,
  claims: ReadonlyMap<Label, Claim>,
): Promise<Label[]> {
  const keyIds = [...claims.values()].flatMap((claim) => claim.keys.map((key) => key.id));
  const revoked = await ports.revokedKeys.among(keyIds);
  const now = ports.clock.now();
  return labels.filter((label) =>
    wantsPublisher(publications.get(label), claims.get(label), revoked, ports.deployment, now),
  );
}

/** One list of Route 53, no faster than the bound and no later than the deadline. */
async function rateLimited<T>(
  ports: ReconcilerPorts,
  deadline: number,
  call: () => Promise<T>,
): Promise<T> {
  if (ports.clock.now().getTime() >= deadline) throw new OutOfTime();
  await ports.sleep(PAUSE_MS);
  return retry(throttledUntil(deadline), call, ports);
}
