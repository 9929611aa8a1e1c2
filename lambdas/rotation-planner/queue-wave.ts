import { shardNames } from '#shared/core/model/deployment.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import { OWN_WAVE, waveOf } from '#shared/core/model/rotation.ts';
import { slicesOf } from '#shared/core/slices.ts';
import { readApart } from '#shared/app/stored-items.ts';
import { LABELS_PER_BATCH, type RotateRequest } from '#shared/app/ports/rotation-requests.ts';
import type { RotationRun, RunCursor } from '#shared/app/ports/rotation-runs.ts';
import type { PlannerPorts } from './ports.ts';

/** The claims queued; without a cursor the wave is queued whole. */
export interface Queued {
  readonly batches: number;
  readonly claims: number;
  readonly cursor: RunCursor | undefined;
}

/**
 * Queues the next claims of the wave: those of one shard, which are published together, up to about
 * `room` of them.
 */
export async function queueSome(
  run: RotationRun,
  room: number,
  ports: PlannerPorts,
): Promise<Queued> {
  const own = await ownLabels(ports);
  if (run.wave === OWN_WAVE) return queueOwn(run, own, ports);
  const isOwn = new Set([...own.values()].flat());
  const { shard: index, after } = run.cursor ?? { shard: 0 };
  const shards = shardNames(ports.deployment);
  const shard = shards[index];
  if (shard === undefined) return { batches: 0, claims: 0, cursor: undefined };
  const labels: Label[] = [];
  let cursor = after;
  let isEnd = false;
  while (!isEnd && labels.length < Math.max(room, LABELS_PER_BATCH)) {
    const page = await ports.publications.labels(shard, cursor);
    ({ cursor } = page);
    isEnd = cursor === undefined;
    const isChosen = (label: Label) => waveOf(label, run.period) === run.wave && !isOwn.has(label);
    labels.push(...page.labels.filter(isChosen));
  }
  // An incomplete batch is left for the next call, unless the shard ends with it.
  const whole = isEnd ? labels.length : labels.length - (labels.length % LABELS_PER_BATCH);
  const taken = labels.slice(0, whole);
  const batches = await send(run, run.batches, shard, taken, ports);
  const next = isEnd ? { shard: index + 1 } : { shard: index, ...lastOf(taken, after) };
  return {
    batches,
    claims: taken.length,
    cursor: isEnd && index + 1 === shards.length ? undefined : next,
  };
}

/** Labels are listed in order, so that all labels after the last one taken are still to come. */
const lastOf = (taken: readonly Label[], before: Label | undefined): { after?: Label } => {
  const after = taken.at(-1) ?? before;
  return after === undefined ? {} : { after };
};

async function queueOwn(
  run: RotationRun,
  own: ReadonlyMap<ShardName, readonly Label[]>,
  ports: PlannerPorts,
): Promise<Queued> {
  let batches = 0;
  let claims = 0;
  for (const [shard, labels] of own) {
    batches += await send(run, batches, shard, labels, ports);
    claims += labels.length;
  }
  return { batches, claims, cursor: undefined };
}

/** The operator's own domains that somebody holds, by shard; one that cannot be read is left aside. */
async function ownLabels({
  claims,
  settings,
}: PlannerPorts): Promise<ReadonlyMap<ShardName, Label[]>> {
  const { found: holders } = await readApart(settings.ownDomains, async (some) => {
    const read = some.map(async (domain) => [domain, await claims.holder(domain)] as const);
    return new Map(await Promise.all(read));
  });
  const labels = [...holders.values()].flatMap((holder) => holder?.label ?? []);
  const { found } = await readApart(labels, (some) => claims.getByLabels(some));
  const byShard = Map.groupBy(found.values(), ({ shard }) => shard);
  return new Map([...byShard].map(([shard, of]) => [shard, of.map(({ label }) => label)]));
}

/** @returns how many batches they made, numbered from `first` on */
async function send(
  { period, wave }: RotationRun,
  first: number,
  shard: ShardName,
  labels: readonly Label[],
  { rotationQueue }: PlannerPorts,
): Promise<number> {
  const requests = slicesOf(labels, LABELS_PER_BATCH).map((some, index): RotateRequest => ({
    kind: 'rotate',
    period,
    wave,
    batch: first + index,
    shard,
    labels: some,
  }));
  await rotationQueue.send(requests);
  return requests.length;
}
