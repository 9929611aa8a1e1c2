import { shardNames } from '#shared/core/model/deployment.ts';
import { CLAIMS_PER_SHARD } from '#shared/core/records/capacity.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { ShardName } from '#shared/core/model/names.ts';
import type { ClaimPorts } from './ports.ts';

/** Shards this close in count are equally empty, so that claims made at once do not all meet in one. */
const SLACK = CLAIMS_PER_SHARD / 20;

/**
 * The shard for a new claim: one at random among the emptiest.
 *
 * @throws Refusal `no-capacity` where all are full
 */
export async function chooseShard({
  claims,
  deployment,
  random,
}: Pick<ClaimPorts, 'claims' | 'deployment' | 'random'>): Promise<ShardName> {
  const counts = [...(await claims.shardCounts(shardNames(deployment)))];
  const least = Math.min(...counts.map(([, count]) => count));
  const emptiest = counts
    .filter(([, count]) => count < CLAIMS_PER_SHARD && count <= least + SLACK)
    .map(([shard]) => shard);
  if (emptiest.length === 0) throw noCapacity();
  const [high, low] = random.bytes(2) as unknown as [number, number];
  return emptiest[((high << 8) | low) % emptiest.length] as ShardName;
}

export const noCapacity = () =>
  new Refusal(
    'no-capacity',
    'The service has no room for another domain; its operator must add a shard.',
  );
