import { expect, test } from 'vitest';
import { retryBacklog } from '../../../../lambdas/rotation-planner/retry.ts';
import type { PlannerEvent, PlannerPorts } from '../../../../lambdas/rotation-planner/ports.ts';
import type { ShardName } from '#shared/core/model/names.ts';
import type { BacklogItem } from '#shared/app/ports/rotation-backlog.ts';
import { LABELS_PER_BATCH, type RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import { newRun } from '#shared/app/ports/rotation-runs.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryRotationBacklog } from '../../../fakes/rotation-backlog.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const threeDaysAgo = '2026-11-17T10:00:00.000Z';
const laterThat = '2026-11-17T10:00:00.001Z';

const item = (kind: BacklogItem['kind'], changes: Partial<BacklogItem> = {}): BacklogItem => {
  const { tenant, domain, label, shard } = givenClaim();
  const what = { kind, reason: 'error', detail: 'a fault', since: threeDaysAgo } as const;
  return { tenant, domain, label, shard, ...what, ...changes };
};

async function retry(items: readonly BacklogItem[], startedAt?: string) {
  const backlog = new MemoryRotationBacklog();
  for (const each of items) await backlog.put(each);
  const rotationQueue = new MemoryQueue<RotationRequest>();
  const events: PlannerEvent[] = [];
  const log = (event: PlannerEvent) => events.push(event);
  const last = startedAt === undefined ? undefined : newRun('2026-10', startedAt);
  const runs = { latest: async () => last };
  const ports = { backlog, runs, rotationQueue, clock: { now: () => now }, log };
  await retryBacklog(ports as unknown as PlannerPorts);
  return { events, requests: rotationQueue.take().map(({ request }) => request) };
}

test.each<[BacklogItem['kind'], string, boolean]>([
  ['held-back', threeDaysAgo, true],
  ['failed', threeDaysAgo, true],
  ['paused', threeDaysAgo, true],
  ['held-back', laterThat, false],
  ['failed', laterThat, false],
  ['paused', laterThat, false],
  ['not-due', threeDaysAgo, false],
  ['awaits-customer', threeDaysAgo, false],
  ['refill', threeDaysAgo, false],
])('a domain that is %s since %s is reported for its length: %s', async (kind, since, reported) => {
  const waiting = item(kind, { since });
  const { events } = await retry([waiting]);
  const long = events.filter((event) => event.kind === 'held-back-long');
  expect(long).toEqual(reported ? [{ kind: 'held-back-long', item: waiting }] : []);
});

test('what may be tried by now is queued, the rest waits', async () => {
  const due = item('refill', { retryAt: now.toISOString() });
  const always = item('failed');
  const early = item('not-due', { retryAt: new Date(now.getTime() + 1).toISOString() });
  const { events, requests } = await retry([due, always, early]);
  expect(events).toContainEqual({ kind: 'retried', queued: 2, waiting: 1 });
  expect(requests).toEqual([
    { kind: 'retry', shard: due.shard, labels: [due.label, always.label].toSorted() },
  ]);
});

test('the labels of a message are of one shard, and as many as one message takes', async () => {
  const shard = 's2.sd.example.net' as ShardName;
  const items = [
    ...Array.from({ length: LABELS_PER_BATCH + 1 }, () => item('failed')),
    item('failed', { shard }),
  ];
  const { requests } = await retry(items);
  const sizes = requests.map((request) => [
    'shard' in request && request.shard,
    'labels' in request && request.labels.length,
  ]);
  expect(sizes).toHaveLength(3);
  expect(sizes).toContainEqual([items[0]!.shard, LABELS_PER_BATCH]);
  expect(sizes).toContainEqual([items[0]!.shard, 1]);
  expect(sizes).toContainEqual([shard, 1]);
});

test.each([
  ['2026-10-01T03:00:00.000Z', true],
  ['2026-11-01T03:00:00.000Z', false],
  [undefined, false],
])(
  'a month whose run did not begin is reported: the last began at %s, %s',
  async (startedAt, is) => {
    const { events } = await retry([], startedAt);

    expect(events.some(({ kind }) => kind === 'missed')).toBe(is);
  },
);
