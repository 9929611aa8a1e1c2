import { beforeEach, describe, expect, test } from 'vitest';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { EventType } from '#shared/core/model/events/kinds.ts';
import { platformIdOf } from '#shared/core/model/names.ts';
import type { Webhook } from '#shared/app/ports/webhook-store.ts';
import type { PostOutcome } from '#shared/adapters/webhooks/post.ts';
import { signWebhook } from '#shared/adapters/webhooks/signature.ts';
import type { DeliveryRequest } from '#shared/app/ports/queues.ts';
import {
  handle,
  type WebhookMessage,
  type WebhookPorts,
} from '../../../../lambdas/webhooks/deliver.ts';
import { WebhookSecrets } from '../../../../lambdas/webhooks/webhook-secrets.ts';
import { WebhookTime } from '../../../../lambdas/webhooks/webhook-time.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemorySecretBox } from '../../../fakes/secret-box.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { MemoryWebhookStore } from '../../../fakes/webhook-store.ts';

const tenant = givenTenant();
const event: ServiceEvent = {
  id: 'evt_1',
  type: 'domain.verified',
  tenant,
  at: '2026-11-20T10:00:00.000Z',
  data: { domain: 'example.com' },
};

class WebhookService {
  now = Date.parse('2026-11-20T10:00:01.000Z');
  readonly webhooks = new MemoryWebhookStore();
  readonly queue = new MemoryQueue<DeliveryRequest>();
  readonly bus = new MemoryEventBus();
  readonly box = new MemorySecretBox();
  readonly logged: unknown[] = [];
  readonly posted: { url: string; headers: Readonly<Record<string, string>>; body: string }[] = [];
  /** The endpoint's reaction to the next requests; then it answers 200. */
  readonly outcomes: PostOutcome[] = [];
  readonly ports: WebhookPorts = {
    webhooks: this.webhooks,
    queue: this.queue,
    bus: this.bus,
    secrets: new WebhookSecrets({
      webhooks: this.webhooks,
      box: this.box,
      log: (error) => this.logged.push(error),
    }),
    post: async (url, headers, body) => {
      this.posted.push({ url: url.href, headers, body });
      return this.outcomes.shift() ?? { status: 200 };
    },
    time: new WebhookTime({
      budgets: givenBudgets({ now: () => new Date(this.now) }).budgets,
      clock: { now: () => new Date(this.now) },
    }),
    clock: { now: () => new Date(this.now) },
    random: () => 0,
  };

  async givenWebhook(id: string, events: readonly EventType[]): Promise<Webhook> {
    const webhook: Webhook = {
      id,
      tenant,
      url: `https://hooks.example.com/${id}`,
      events,
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      createdAt: event.at,
    };
    await this.webhooks.add(webhook);
    return webhook;
  }

  /** Handles a message and all that come of it, as the queue would, each when its delay is over. */
  async run(message: WebhookMessage): Promise<void> {
    await handle(message, this.ports);
    for (let sent = this.queue.take(); sent.length > 0; sent = this.queue.take()) {
      for (const { request, delaySeconds } of sent) {
        this.now += delaySeconds * 1000;
        await handle(request, this.ports);
      }
    }
  }

  log = async (id: string) => (await this.webhooks.deliveries(id, { limit: 10 })).deliveries;
}

let service: WebhookService;
beforeEach(() => {
  service = new WebhookService();
});

describe('of a platform, an endpoint', () => {
  const platform = platformIdOf(new Uint8Array(16).fill(7));
  const other = platformIdOf(new Uint8Array(16).fill(8));
  beforeEach(async () => {
    const made = await service.givenWebhook('wh_own', ['domain.lost']);
    for (const [id, owner] of [
      ['wh_shop', platform],
      ['wh_press', other],
    ] as const) {
      const url = `https://hooks.example.com/${id}`;
      await service.webhooks.add({ ...made, id, tenant: owner, url, events: ['domain.verified'] });
    }
    service.webhooks.platforms.set(tenant, { platform, externalId: 'c-1' });
  });

  test('gets the events of the tenants that the platform made, and says whose they are', async () => {
    await service.run({ detail: event });
    expect(service.posted).toHaveLength(1);
    expect(service.posted[0]?.url).toBe('https://hooks.example.com/wh_shop');
    expect(JSON.parse(service.posted[0]!.body)).toEqual({
      type: 'domain.verified',
      timestamp: event.at,
      tenant: { id: tenant, externalId: 'c-1' },
      data: { domain: 'example.com' },
    });
    await service.run({ detail: { ...event, id: 'evt_2', tenant: givenTenant() } });
    expect(service.posted).toHaveLength(1);
  });

  test('is tried again under its own owner, beside the endpoint of the tenant', async () => {
    service.outcomes.push({ status: 500 }, { status: 500 });
    await service.givenWebhook('wh_also', ['domain.verified']);
    await service.run({ detail: event });
    expect(service.posted.map(({ url }) => url.split('/').at(-1)).toSorted()).toEqual([
      'wh_also',
      'wh_also',
      'wh_shop',
      'wh_shop',
    ]);
    for (const id of ['wh_shop', 'wh_also']) {
      expect(await service.log(id)).toMatchObject([{ state: 'delivered' }]);
    }
  });
});

test('an event goes to each endpoint of its tenant that wants it, signed', async () => {
  await service.givenWebhook('wh_a', ['domain.verified', 'domain.lost']);
  await service.givenWebhook('wh_b', ['domain.lost']);
  await service.run({ detail: event });
  const body =
    '{"type":"domain.verified","timestamp":"2026-11-20T10:00:00.000Z","data":{"domain":"example.com"}}';
  expect(service.posted).toEqual([
    {
      url: 'https://hooks.example.com/wh_a',
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'sender-domains-webhooks/1',
        ...signWebhook(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], {
          id: 'evt_1',
          at: new Date('2026-11-20T10:00:01.000Z'),
          body,
        }),
      },
    },
  ]);
  expect(await service.log('wh_a')).toMatchObject([
    { state: 'delivered', attempts: [{ at: '2026-11-20T10:00:01.000Z', status: 200 }] },
  ]);
});

test('an event for one endpoint is delivered at once, for several it goes on to each', async () => {
  await service.givenWebhook('wh_a', ['domain.verified']);
  await handle({ detail: event }, service.ports);
  expect([service.posted.length, service.queue.take()]).toEqual([1, []]);
  await service.givenWebhook('wh_b', ['domain.verified']);
  await handle({ detail: { ...event, id: 'evt_2' } }, service.ports);
  expect(service.posted).toHaveLength(1);
  expect(service.queue.take()).toMatchObject([
    { group: tenant, request: { webhook: 'wh_a' } },
    { group: tenant, request: { webhook: 'wh_b' } },
  ]);
});

test('another tenant’s events go nowhere', async () => {
  await service.givenWebhook('wh_a', ['domain.verified']);
  await service.run({ detail: { ...event, tenant: givenTenant() } });
  expect(service.posted).toEqual([]);
});

describe('an endpoint that does not take it', () => {
  test('is asked again with the same id and a new signature, later and later', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push({ status: 500 }, { error: 'no answer within 10 s' }, { status: 302 });
    await service.run({ detail: event });
    const [record] = await service.log('wh_a');
    expect(record).toMatchObject({ state: 'delivered', revision: 5 });
    expect(record!.attempts.map(({ at, status, error }) => [at, status ?? error])).toEqual([
      ['2026-11-20T10:00:01.000Z', 500],
      ['2026-11-20T10:00:06.000Z', 'no answer within 10 s'],
      ['2026-11-20T10:05:06.000Z', 302],
      ['2026-11-20T10:35:06.000Z', 200],
    ]);
    const headers = service.posted.map((one) => one.headers);
    expect(new Set(headers.map((one) => one['webhook-id'])).size).toBe(1);
    expect(new Set(headers.map((one) => one['webhook-signature'])).size).toBe(4);
  });

  test('is given up after 8 attempts, and at once where it is gone', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push(...Array.from({ length: 20 }, () => ({ status: 500 })));
    await service.run({ detail: event });
    expect(service.posted).toHaveLength(8);
    expect(await service.log('wh_a')).toMatchObject([{ state: 'failed' }]);
    service.outcomes.splice(0, 20, { status: 410 });
    await service.run({ detail: { ...event, id: 'evt_2' } });
    expect(service.posted).toHaveLength(9);
  });
});

describe('a message that comes twice', () => {
  test('is delivered once where the first time ended', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    await service.run({ detail: event });
    await service.run({ detail: event });
    expect(service.posted).toHaveLength(1);
  });

  test('waits where the next attempt is not due yet', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push({ status: 500 });
    const request = { webhook: 'wh_a', event };
    await handle(request, service.ports);
    await handle(request, service.ports);
    expect(service.posted).toHaveLength(1);
    expect(service.queue.take().map(({ delaySeconds }) => delaySeconds)).toEqual([5, 5]);
  });

  test('goes on once where both were handled at once', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push({ status: 500 }, { status: 500 });
    const request = { webhook: 'wh_a', event };
    await Promise.all([handle(request, service.ports), handle(request, service.ports)]);
    expect(service.queue.take()).toHaveLength(1);
    expect((await service.log('wh_a'))[0]!.attempts).toHaveLength(1);
  });
});

test('a webhook that was deleted is sent nothing more', async () => {
  await service.givenWebhook('wh_a', ['domain.verified']);
  await service.webhooks.remove(tenant, 'wh_a');
  await handle({ webhook: 'wh_a', event }, service.ports);
  expect([service.posted, service.queue.take()]).toEqual([[], []]);
});

test('what the store fails with makes the message come again', async () => {
  await service.givenWebhook('wh_a', ['domain.verified']);
  service.webhooks.put = () => Promise.reject(new Error('the table is gone'));
  await expect(handle({ webhook: 'wh_a', event }, service.ports)).rejects.toThrow('is gone');
});

const failing = (count: number) => Array.from({ length: count }, () => ({ status: 500 }));
const eventNo = (id: number): ServiceEvent => ({ ...event, id: `evt_${id}` });
const stored = async () => (await service.webhooks.get(tenant, 'wh_a'))!;

describe('an endpoint that fails', () => {
  test('is slowed after three failures in a row: one request at a time, with pauses', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push(...failing(10));
    for (const id of [1, 2, 3]) await handle({ detail: eventNo(id) }, service.ports);
    expect((await stored()).failing).toEqual({
      count: 3,
      since: '2026-11-20T10:00:01.000Z',
      nextAt: '2026-11-20T10:00:31.000Z',
      reason: 'answered 500',
    });
    service.queue.take();
    await Promise.all([4, 5, 6, 7].map((id) => handle({ detail: eventNo(id) }, service.ports)));
    expect(service.posted).toHaveLength(3);
    expect(service.queue.take().map(({ delaySeconds }) => delaySeconds)).toEqual([30, 30, 30, 30]);
    service.now += 30_000;
    const waiting = [4, 5, 6, 7].map((id) => ({ webhook: 'wh_a', event: eventNo(id) }));
    await Promise.all(waiting.map((request) => handle(request, service.ports)));
    expect(service.posted).toHaveLength(4);
    expect((await stored()).failing).toMatchObject({
      count: 4,
      nextAt: '2026-11-20T10:01:31.000Z',
    });
  });

  test('pauses for a quarter of an hour at most', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    const at = '2026-11-20T10:00:00.000Z';
    await service.webhooks.change(await stored(), {
      failing: { count: 40, since: at, nextAt: at, reason: 'answered 500' },
    });
    service.outcomes.push(...failing(1));
    await handle({ detail: event }, service.ports);
    expect((await stored()).failing?.nextAt).toBe('2026-11-20T10:15:01.000Z');
  });

  test('has all its speed back with the first that it takes', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push(...failing(3));
    for (const id of [1, 2, 3]) await handle({ detail: eventNo(id) }, service.ports);
    service.now += 30_000;
    await handle({ detail: eventNo(4) }, service.ports);
    expect(await stored()).not.toHaveProperty('failing');
    for (const id of [5, 6, 7]) await handle({ detail: eventNo(id) }, service.ports);
    expect(service.posted).toHaveLength(7);
  });

  test('and whose turn ends in a crash stays slowed', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push(...failing(3));
    for (const id of [1, 2, 3]) await handle({ detail: eventNo(id) }, service.ports);
    service.now += 30_000;
    service.webhooks.put = () => Promise.reject(new Error('the function ended'));
    await expect(handle({ detail: eventNo(4) }, service.ports)).rejects.toThrow('ended');
    expect((await stored()).failing).toMatchObject({ count: 4 });
  });

  test('is switched off after three days, with one notice, and gets nothing more', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push(...failing(500));
    for (let hour = 0; hour <= 72; hour += 6) {
      service.now = Date.parse(event.at) + hour * 3_600_000 + 1_000;
      await handle({ detail: eventNo(hour) }, service.ports);
    }
    expect((await stored()).off).toEqual({
      at: '2026-11-23T10:00:01.000Z',
      by: 'service',
      reason: 'answered 500',
    });
    expect(service.bus.events).toMatchObject([
      {
        type: 'webhook.switched_off',
        tenant,
        data: { webhook: 'wh_a', since: '2026-11-20T10:00:01.000Z', reason: 'answered 500' },
      },
    ]);
    const sentBefore = service.posted.length;
    await handle({ detail: eventNo(99) }, service.ports);
    for (const { request } of service.queue.take()) await handle(request, service.ports);
    expect(service.posted).toHaveLength(sentBefore);
    const states = (await service.webhooks.deliveries('wh_a', { limit: 100 })).deliveries.map(
      ({ state }) => state,
    );
    expect(new Set(states)).toEqual(new Set(['missed']));
  });

  test('is switched off at once where it answers 410', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push({ status: 410 });
    await handle({ detail: event }, service.ports);
    expect((await stored()).off).toMatchObject({ by: 'service', reason: 'answered 410' });
    expect(service.bus.events).toHaveLength(1);
  });

  test('is given notice of before it is switched off, so that none is lost', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push({ status: 410 });
    service.bus.failing.push(new Error('the bus is gone'));
    await expect(handle({ detail: event }, service.ports)).rejects.toThrow('bus');
    expect(await stored()).not.toHaveProperty('off');
  });

  test('has a delivery wait for 28 hours at most', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    const at = new Date(service.now).toISOString();
    const nextAt = '2026-11-21T23:00:00.000Z';
    await service.webhooks.change(await stored(), {
      failing: { count: 5, since: at, nextAt, reason: 'answered 500' },
    });
    await handle({ detail: event }, service.ports);
    const [first] = service.queue.take();
    expect(first).toMatchObject({ delaySeconds: 900, request: { waitsSince: at } });
    service.now += 28 * 3_600_000;
    await handle(first!.request, service.ports);
    expect([service.posted, service.queue.take()]).toEqual([[], []]);
    expect(await service.log('wh_a')).toMatchObject([{ state: 'missed', attempts: [] }]);
  });
});

describe('a test', () => {
  const tested = { ...event, id: 'evt_test', type: 'webhook.test' as const };

  test('is sent once, whatever the events of the endpoint are, and counts for nothing', async () => {
    await service.givenWebhook('wh_a', ['domain.lost']);
    service.outcomes.push({ status: 500 });
    await service.run({ webhook: 'wh_a', event: tested });
    expect(service.posted).toHaveLength(1);
    expect(await service.log('wh_a')).toMatchObject([
      { state: 'failed', attempts: [{ status: 500 }] },
    ]);
    expect(await stored()).not.toHaveProperty('failing');
  });

  test('goes also to an endpoint that is slowed or switched off', async () => {
    await service.givenWebhook('wh_a', ['domain.lost']);
    const at = event.at;
    await service.webhooks.change(await stored(), {
      failing: { count: 9, since: at, nextAt: '2026-12-01T00:00:00.000Z', reason: 'answered 500' },
      off: { at, by: 'service' },
    });
    await service.run({ webhook: 'wh_a', event: tested });
    expect(await service.log('wh_a')).toMatchObject([{ state: 'delivered' }]);
    expect(await stored()).toMatchObject({ off: { by: 'service' }, failing: { count: 9 } });
  });
});

describe('a replay', () => {
  const replay = { webhook: 'wh_a', event, replay: 'rp_1' };

  test('sends again what was delivered or missed, with the same id, and once', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    await service.run({ detail: event });
    await service.run(replay);
    await service.run(replay);
    expect(service.posted.map(({ headers }) => headers['webhook-id'])).toEqual(['evt_1', 'evt_1']);
    await service.run({ ...replay, replay: 'rp_2' });
    expect(service.posted).toHaveLength(3);
    expect((await service.log('wh_a'))[0]!.attempts).toHaveLength(3);
  });

  test('has all its attempts again', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.outcomes.push({ status: 500 }, { status: 200 });
    await service.run({ detail: event });
    service.outcomes.push({ status: 500 }, { status: 500 });
    const before = service.now;
    await service.run(replay);
    const [record] = await service.log('wh_a');
    expect(record).toMatchObject({ state: 'delivered', replay: 'rp_1', triedBefore: 2 });
    const times = record!.attempts.slice(2).map(({ at }) => Date.parse(at) - before);
    expect(times).toEqual([0, 5_000, 305_000]);
  });
});

const lastPosted = () => service.posted.at(-1) ?? { headers: {}, body: '' };
const sign = (...secrets: string[]) =>
  secrets.map(
    (secret) =>
      signWebhook([secret], {
        id: event.id,
        at: new Date(service.now),
        body: lastPosted().body,
      })['webhook-signature'],
  );
const signature = () => lastPosted().headers['webhook-signature'];

describe('the secrets of an endpoint', () => {
  test('of an earlier release are sealed with the first delivery, and sign as before', async () => {
    const { secret } = await service.givenWebhook('wh_a', ['domain.verified']);
    await handle({ detail: event }, service.ports);
    expect(signature()).toBe(sign(String(secret)).join(' '));
    expect((await stored()).secret).toBeInstanceOf(Uint8Array);
    await handle({ detail: eventNo(2) }, service.ports);
    await handle({ detail: eventNo(3) }, service.ports);
    expect([service.box.sealed, service.box.opened]).toEqual([1, 1]);
  });

  test('that cannot be sealed hold up nothing', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    service.box.failing.push(new Error('KMS is out'));
    await handle({ detail: event }, service.ports);
    expect([service.posted.length, service.logged.length]).toEqual([1, 1]);
  });

  test('sign beside one another until the overlap ends', async () => {
    await service.givenWebhook('wh_a', ['domain.verified']);
    const [before, after] = [`whsec_${'a'.repeat(43)}=`, `whsec_${'b'.repeat(43)}=`];
    await service.webhooks.change(await stored(), {
      secret: after,
      previousSecrets: [{ secret: before, until: '2026-11-20T11:00:00.000Z' }],
    });
    await handle({ detail: event }, service.ports);
    expect(signature()).toBe(sign(after, before).join(' '));
    service.now = Date.parse('2026-11-20T11:00:00.000Z');
    const sent = { ...event, id: 'evt_1', at: '2026-11-20T10:59:00.000Z' };
    await handle({ detail: sent }, service.ports);
    expect(signature()).toBe(sign(after).join(' '));
  });
});
