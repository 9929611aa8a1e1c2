import type { Label } from '#shared/core/model/names.ts';
import { pages } from '#shared/async/page.ts';
import { slicesOf } from '#shared/core/slices.ts';
import { BLOCKED_ALARM_DAYS, type BacklogItem } from '#shared/app/ports/rotation-backlog.ts';
import { LABELS_PER_BATCH, type RetryRequest } from '#shared/app/ports/rotation-requests.ts';
import type { PlannerPorts } from './ports.ts';
import { DAY_MS } from '#shared/core/time.ts';

/** A month, and the day that a start may be late. */
const LONGEST_MONTH_MS = 32 * DAY_MS;

/**
 * Queues everything in the backlog whose time has come to be tried again, and reports what has been
 * blocked for days, and a month whose run did not begin.
 */
export async function retryBacklog({
  backlog,
  runs,
  rotationQueue,
  clock,
  log,
}: PlannerPorts): Promise<void> {
  const now = clock.now();
  const last = await runs.latest();
  if (last !== undefined && now.getTime() - Date.parse(last.startedAt) > LONGEST_MONTH_MS) {
    log({ kind: 'missed', last });
  }
  let queued = 0;
  let waiting = 0;
  const read = ({ cursor }: { readonly cursor?: Label }) => backlog.list(cursor);
  for await (const { items } of pages(read)) {
    for (const item of items) {
      if (isBlockedLong(item, now)) log({ kind: 'held-back-long', item });
    }
    const due = items.filter(
      ({ retryAt }) => retryAt === undefined || Date.parse(retryAt) <= now.getTime(),
    );
    await rotationQueue.send(requestsFor(due));
    queued += due.length;
    waiting += items.length - due.length;
  }
  log({ kind: 'retried', queued, waiting });
}

const requestsFor = (due: readonly BacklogItem[]): RetryRequest[] =>
  [...Map.groupBy(due, ({ shard }) => shard)].flatMap(([shard, items]) =>
    slicesOf(items, LABELS_PER_BATCH).map((some) => ({
      kind: 'retry',
      shard,
      labels: some.map(({ label }) => label),
    })),
  );

const isBlockedLong = ({ kind, since }: BacklogItem, now: Date): boolean =>
  (kind === 'held-back' || kind === 'failed' || kind === 'paused') &&
  now.getTime() - Date.parse(since) >= BLOCKED_ALARM_DAYS * DAY_MS;
