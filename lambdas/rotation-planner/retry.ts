import type { Label } from '#shared/core/model/names.ts';
import { HELD_BACK_ALARM_DAYS, type BacklogItem } from '#shared/app/ports/rotation-backlog.ts';
import { inBatches, type RetryRequest } from '#shared/app/ports/rotation-requests.ts';
import type { PlannerPorts } from './ports.ts';

const DAY_MS = 86_400_000;

/**
 * Queues everything in the backlog whose time has come to be tried again, and tells of what has been
 * held back for days.
 */
export async function retryBacklog({
  backlog,
  rotationQueue,
  clock,
  report,
}: PlannerPorts): Promise<void> {
  const now = clock.now();
  let queued = 0;
  let waiting = 0;
  let cursor: Label | undefined;
  do {
    const page = await backlog.list(cursor);
    for (const item of page.items) {
      if (isHeldBackLong(item, now)) report({ kind: 'held-back-long', item });
    }
    const due = page.items.filter(
      ({ retryAt }) => retryAt === undefined || Date.parse(retryAt) <= now.getTime(),
    );
    const requests = [...Map.groupBy(due, ({ shard }) => shard)].flatMap(([shard, items]) =>
      inBatches(items.map(({ label }) => label)).map((labels): RetryRequest => ({
        kind: 'retry',
        shard,
        labels,
      })),
    );
    await rotationQueue.send(requests);
    queued += due.length;
    waiting += page.items.length - due.length;
    ({ cursor } = page);
  } while (cursor !== undefined);
  report({ kind: 'retried', queued, waiting });
}

const isHeldBackLong = ({ kind, since }: BacklogItem, now: Date): boolean =>
  (kind === 'held-back' || kind === 'failed' || kind === 'paused') &&
  now.getTime() - Date.parse(since) >= HELD_BACK_ALARM_DAYS * DAY_MS;
