import { expect, test } from 'vitest';
import { heldBackTeller } from '../../../../lambdas/rotation-worker/telling.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';

const { tenant, domain, label } = givenClaim();
const heldBack = {
  kind: 'held-back',
  tenant,
  domain,
  label,
  reason: 'cname-missing',
  detail: 'Put it back.',
  since: '2026-11-20T10:00:00.000Z',
} as const;

test('what is held back is told at the end, the same each day, and everything is reported', async () => {
  const bus = new MemoryEventBus();
  const reported: string[] = [];
  const teller = heldBackTeller(bus, ({ kind }) => reported.push(kind));
  teller.report({ kind: 'failed', domain, detail: 'x' });
  teller.report(heldBack);
  expect(bus.events).toEqual([]);
  await teller.tell();
  await teller.tell();
  teller.report(heldBack);
  await teller.tell();
  expect(reported).toEqual(['failed', 'held-back', 'held-back']);
  expect(bus.events).toMatchObject([
    { type: 'rotation.held_back', tenant, data: { domain, reason: 'cname-missing' } },
    { id: bus.events[0]!.id },
  ]);
});

test('where the bus is out, the rotation goes on', async () => {
  const bus = new MemoryEventBus();
  bus.failing.push(new Error('the bus is gone'));
  const teller = heldBackTeller(bus, () => {});
  teller.report(heldBack);
  await expect(teller.tell()).resolves.toBeUndefined();
  expect(bus.events).toEqual([]);
});
