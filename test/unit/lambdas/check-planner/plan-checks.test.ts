import { beforeEach, expect, test } from 'vitest';
import {
  encodeRandom128,
  type DomainName,
  type Label,
  type TenantId,
} from '#shared/core/model/names.ts';
import { DUE_PARTITIONS, type DueCheck } from '#shared/app/ports/check-store.ts';
import type { CheckRequest } from '#shared/app/ports/queues.ts';
import { MOST_PER_PARTITION, planChecks } from '../../../../lambdas/check-planner/plan-checks.ts';
import { MemoryCheckStore } from '../../../fakes/check-store.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';

const now = new Date('2026-11-01T12:00:00.000Z');
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

let checks: MemoryCheckStore;
let checkQueue: MemoryQueue<CheckRequest>;
let serial = 0;
beforeEach(() => {
  checks = new MemoryCheckStore();
  checkQueue = new MemoryQueue();
});

function check(dueAt: Date): DueCheck {
  serial += 1;
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, serial * 2_654_435_761);
  return {
    tenant: 't_aaaaaaaaaaaaaaaaaaaaaaaaaa' as TenantId,
    domain: `d${serial}.example` as DomainName,
    label: encodeRandom128(bytes) as Label,
    dueAt: dueAt.toISOString(),
  };
}

async function given(count: number, dueAt = now): Promise<DueCheck[]> {
  const all = Array.from({ length: count }, () => check(dueAt));
  for (const one of all) await checks.schedule(one);
  return all;
}

const run = (at = now) => planChecks({ checks, checkQueue }, at);
const queued = () => checkQueue.take().map(({ request }) => request.label);

test('queues what is due, and nothing else', async () => {
  const due = await given(30);
  await given(30, later(1));
  expect(await run()).toEqual({ queued: 30, full: 0 });
  expect(checkQueue.sent.map(({ request }) => request)).toEqual(
    expect.arrayContaining(due.map(({ tenant, domain, label }) => ({ tenant, domain, label }))),
  );
  expect(queued()).toHaveLength(30);
});

test('has nothing to do where nothing is due', async () => {
  expect(await run()).toEqual({ queued: 0, full: 0 });
  expect(queued()).toEqual([]);
});

test('two runs at once queue each check once', async () => {
  const due = await given(100);
  await Promise.all([run(), run()]);
  const labels = queued();
  expect(labels).toHaveLength(100);
  expect(new Set(labels)).toEqual(new Set(due.map(({ label }) => label)));
});

test('a check that was queued is not queued again while it waits, but is where it got lost', async () => {
  await given(5);
  await run();
  queued();
  expect((await run(later(14))).queued).toBe(0);
  expect((await run(later(15))).queued).toBe(5);
});

test('one run takes a bounded number; the next ones take the rest, the longest due first', async () => {
  const early = await given(16 * 200, later(-60));
  const late = await given(16 * 200);
  const first = await run();
  expect(first.queued).toBeLessThanOrEqual(DUE_PARTITIONS * MOST_PER_PARTITION);
  expect(first.full).toBeGreaterThan(0);
  const firstLabels = new Set(queued());
  // Checks left out are not older than those taken, partition by partition; so nearly all early
  // ones went.
  expect(early.filter(({ label }) => firstLabels.has(label)).length).toBeGreaterThan(3_000);
  const second = await run(later(1));
  expect(first.queued + second.queued).toBe(early.length + late.length);
});

test('where the queue fails once, all others are queued, and none is lost', async () => {
  const due = await given(200);
  checkQueue.failing.push(new Error('no queue'));
  await expect(run()).rejects.toThrow(/1 of 16 partitions/);
  expect(queued().length).toBeGreaterThan(150);
  // The others are queued again too, for their checks were not made.
  expect((await run(later(15))).queued).toBe(due.length);
});

test('a million domains a day fit: what one minute may queue is several times what they need', () => {
  const aDay = 24 * 60 * DUE_PARTITIONS * MOST_PER_PARTITION;
  expect(aDay).toBeGreaterThanOrEqual(5 * 1_000_000);
});
