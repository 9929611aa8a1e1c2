import { beforeEach, expect, test } from 'vitest';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { EventType } from '#shared/core/model/events/kinds.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { wantedEvents } from '#shared/app/sending/wanted-events.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';

const at = '2026-11-20T10:00:00.000Z';
const event = (tenant: TenantId, type: EventType): ServiceEvent => ({
  id: `evt_${type}`,
  type,
  tenant,
  at,
  data: {},
});

const tenant = givenTenant();
const wanted = new Map<TenantId, EventType[]>();
const warnings: string[] = [];
let now: Date;
let reads: number;
let isOut: boolean;
let bus: MemoryEventBus;
beforeEach(() => {
  wanted.clear();
  warnings.length = 0;
  now = new Date(at);
  reads = 0;
  isOut = false;
  bus = new MemoryEventBus();
});

const filtered = () =>
  wantedEvents({
    bus,
    webhooks: {
      wantedTypes: async (of) => {
        reads += 1;
        if (isOut) throw new Error('out');
        return new Set(wanted.get(of as TenantId));
      },
    },
    clock: { now: () => now },
    log: { warn: (message) => void warnings.push(message) },
  });

const typesOnBus = () => bus.events.map(({ type }) => type);

test('an event of mail goes to the bus only for a tenant whose webhook wants it', async () => {
  wanted.set(tenant, ['message.bounced']);
  const put = filtered();
  await put.put([
    event(tenant, 'message.sent'),
    event(tenant, 'message.bounced'),
    event(givenTenant(), 'message.bounced'),
  ]);
  expect(bus.events).toEqual([event(tenant, 'message.bounced')]);
  expect(reads).toBe(2);
});

test('all other events go to the bus, without a read', async () => {
  await filtered().put([event(tenant, 'domain.lost')]);
  expect(typesOnBus()).toEqual(['domain.lost']);
  expect(reads).toBe(0);
});

test('a new webhook gets events within five seconds', async () => {
  const put = filtered();
  await put.put([event(tenant, 'message.sent')]);
  wanted.set(tenant, ['message.sent']);
  now = new Date(now.getTime() + 5_001);
  await put.put([event(tenant, 'message.sent')]);
  expect(typesOnBus()).toEqual(['message.sent']);
});

test('where the webhooks cannot be read, the bus gets the event', async () => {
  isOut = true;
  await filtered().put([event(tenant, 'message.sent')]);
  expect(typesOnBus()).toEqual(['message.sent']);
  expect(warnings).toEqual(['the webhooks of a tenant cannot be read']);
});
