import { pages } from '#shared/async/page.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import { readApart } from '#shared/app/stored-items.ts';
import type { ReconcilerPorts } from './ports.ts';
import { enqueuePublish } from './shard.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/** A claim whose last change is not noted as published. */
export interface Behind {
  readonly shard: ShardName;
  readonly label: Label;
  readonly version: number;
}

const PAGE = 200;
/** Ordinary publishing takes seconds. */
const GRACE_MS = MINUTE_MS;

/**
 * Claims that are ahead of their publications: their enqueue was lost, or is under way.
 *
 * @param deadline epoch milliseconds, at which the search ends with what it has
 */
export async function findBehind(
  { claims, publications, clock }: ReconcilerPorts,
  deadline: number,
): Promise<Behind[]> {
  const behind: Behind[] = [];
  for await (const page of pages((from) => claims.scan({ limit: PAGE, ...from }))) {
    for (const [shard, ofShard] of Map.groupBy(page.claims, (claim: Claim) => claim.shard)) {
      const labels = ofShard.map(({ label }) => label);
      // A malformed one does not prove that its claim is published either.
      const { found } = await readApart(labels, (some) => publications.get(shard, some));
      for (const { label, version } of ofShard) {
        const published = found.get(label);
        // The publisher reports a parked claim, and tries it again with its shard.
        if (published?.parked !== undefined || published?.claimVersion === version) continue;
        behind.push({ shard, label, version });
      }
    }
    if (clock.now().getTime() >= deadline) break;
  }
  return behind;
}

/**
 * Checks claims that were behind again, a minute after they were found: those that still are have
 * lost their request. They are reported and enqueued.
 *
 * @param foundAt epoch milliseconds
 */
export async function enqueueStale(
  ports: ReconcilerPorts,
  behind: readonly Behind[],
  foundAt: number,
): Promise<void> {
  if (behind.length === 0) return;
  const rest = foundAt + GRACE_MS - ports.clock.now().getTime();
  if (rest > 0) await ports.sleep(rest);
  for (const [shard, ofShard] of Map.groupBy(behind, (one) => one.shard)) {
    const labels = ofShard.map(({ label }) => label);
    const { found } = await readApart(labels, (some) => ports.publications.get(shard, some));
    const stale = ofShard.flatMap(({ label, version }) =>
      (found.get(label)?.claimVersion ?? 0) < version ? [label] : [],
    );
    if (stale.length === 0) continue;
    ports.log({ kind: 'stale', shard, labels: stale });
    await enqueuePublish(ports, shard, stale);
  }
}
