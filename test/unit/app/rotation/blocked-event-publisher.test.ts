import { expect, test } from 'vitest';
import {
  blockedEventPublisher,
  workAndPublish,
} from '../../../../lambdas/rotation-worker/blocked-event-publisher.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';
import { TestEnvironment } from './test-environment.ts';

const claim = givenClaim();
const { tenant, domain, label } = claim;
const heldBack = {
  kind: 'held-back',
  tenant,
  domain,
  label,
  reason: 'cname-missing',
  detail: 'Put it back.',
  since: '2026-11-20T10:00:00.000Z',
} as const;

test('what is blocked is published at the end, the same each day, and everything is reported', async () => {
  const bus = new MemoryEventBus();
  const reported: string[] = [];
  const eventPublisher = blockedEventPublisher(bus, ({ kind }) => reported.push(kind));
  eventPublisher.log({ kind: 'failed', domain, detail: 'x' });
  eventPublisher.log(heldBack);
  expect(bus.events).toEqual([]);
  await eventPublisher.publish();
  await eventPublisher.publish();
  eventPublisher.log(heldBack);
  await eventPublisher.publish();
  expect(reported).toEqual(['failed', 'held-back', 'held-back']);
  expect(bus.events).toMatchObject([
    { type: 'rotation.held_back', tenant, data: { domain, reason: 'cname-missing' } },
    { id: bus.events[0]!.id },
  ]);
});

test('what waits for the customer is published by record, or as blocked where there is none', async () => {
  const bus = new MemoryEventBus();
  const eventPublisher = blockedEventPublisher(bus, () => {});
  const waits = { ...heldBack, kind: 'awaits-customer', reason: 'record-to-change' } as const;
  const record = {
    selector: claim.keys[0].selector,
    keyId: claim.keys[0].id,
    name: 'zero._domainkey.example.com',
    value: 'v=DKIM1; p=x',
    reason: 'rotation',
    since: heldBack.since,
    by: heldBack.since,
  } as const;
  eventPublisher.log({ ...waits, records: [record] });
  eventPublisher.log({ ...waits, reason: 'no-key-seen', records: [] });
  await eventPublisher.publish();
  expect(bus.events.map(({ type }) => type)).toEqual(['rotation.prepared', 'rotation.held_back']);
});

test('where the bus is out, the rotation goes on', async () => {
  const bus = new MemoryEventBus();
  bus.failing.push(new Error('the bus is gone'));
  const eventPublisher = blockedEventPublisher(bus, () => {});
  eventPublisher.log(heldBack);
  await expect(eventPublisher.publish()).resolves.toBeUndefined();
  expect(bus.events).toEqual([]);
});

test('a worker publishes at its end what a batch came to, and answers which messages failed', async () => {
  const bus = new MemoryEventBus();
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.givenVerified();
  await testEnvironment.until('2026-02-10T00:00:00Z');
  testEnvironment.dns.down.add(0).add(1);
  const request = { kind: 'retry', shard: claim.shard, labels: [claim.label] };
  await testEnvironment.backlog.put({
    label: claim.label,
    shard: claim.shard,
    tenant: claim.tenant,
    domain: claim.domain,
    kind: 'failed',
    reason: 'error',
    detail: 'KMS was out.',
    period: '2026-02',
    since: '2026-02-01T00:00:00.000Z',
  });
  const bodies = ['not JSON', JSON.stringify(request)];
  const failed = await workAndPublish(
    { ...testEnvironment.workerPorts, bus },
    bodies,
    testEnvironment.now.getTime() + 120_000,
  );
  expect(failed).toEqual([0]);
  expect(bus.events).toMatchObject([{ type: 'rotation.held_back' }]);
});
