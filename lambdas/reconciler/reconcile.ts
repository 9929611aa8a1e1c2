import { shardNames } from '#shared/core/model/deployment.ts';
import type { ShardName } from '#shared/core/model/names.ts';
import { backfillLedger } from '#shared/app/revocations/backfill.ts';
import { recoverRevocations } from '#shared/app/revocations/recover.ts';
import type { ReconcilerPorts } from './ports.ts';
import { OutOfTime, reconcileShard } from './shard.ts';
import { findBehind, enqueueStale } from './stale.ts';
import { DAY_MS } from '#shared/core/time.ts';

/** Zones full of records that one run surely gets through at its rate. */
const SHARDS_A_RUN = 40;
/** Kept for the second check of claims that are behind. */
const STALE_RESERVE_MS = 90_000;

/**
 * Brings table and ledger of revoked keys together, then compares all zones daily with what was published and with the claims, at a bounded rate. An
 * unfinished run reports the shards it left. The next day's begins further on by as many shards as
 * any run gets through, so that every shard has its turn.
 *
 * @param scheduledTime when the run was due
 * @param deadline epoch milliseconds
 */
export async function reconcile(
  ports: ReconcilerPorts,
  scheduledTime: Date,
  deadline: number,
): Promise<void> {
  const zonesDeadline = deadline - STALE_RESERVE_MS;
  // Before anything is compared: the half of a key that a restore brought back is no drift.
  const { revocationLedger: ledger, revokedKeys, logRecovered } = ports;
  await recoverRevocations({ ledger, revokedKeys, log: logRecovered });
  await backfillLedger(ledger, revokedKeys);
  const behind = await findBehind(ports, zonesDeadline);
  const foundAt = ports.clock.now().getTime();
  const shards = inTurn(shardNames(ports.deployment), scheduledTime);
  for (const [index, shard] of shards.entries()) {
    try {
      await reconcileShard(ports, shard, zonesDeadline);
    } catch (reason) {
      const isOver = reason instanceof OutOfTime;
      // A shard that fails does not keep the others from their turn.
      ports.log({ kind: 'unreached', shards: isOver ? shards.slice(index) : [shard], reason });
      if (isOver) break;
    }
  }
  await enqueueStale(ports, behind, foundAt);
}

/** The shards, beginning where the day's turn is. */
export function inTurn(shards: readonly ShardName[], scheduledTime: Date): ShardName[] {
  const day = Math.floor(scheduledTime.getTime() / DAY_MS);
  const first = (day * SHARDS_A_RUN) % shards.length;
  return [...shards.slice(first), ...shards.slice(0, first)];
}
