import { beforeEach, describe, expect, test } from 'vitest';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { EventType } from '#shared/core/model/events/kinds.ts';
import type { Webhook } from '#shared/app/ports/webhook-store.ts';
import type { PostOutcome } from '#shared/adapters/webhooks/post.ts';
import { signWebhook } from '#shared/adapters/webhooks/signature.ts';
import {
  handle,
  type DeliveryRequest,
  type WebhookMessage,
  type WebhookPorts,
} from '../../../../lambdas/webhooks/deliver.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
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
  readonly posted: { url: string; headers: Readonly<Record<string, string>>; body: string }[] = [];
  /** The endpoint's reaction to the next requests; then it answers 200. */
  readonly outcomes: PostOutcome[] = [];
  readonly ports: WebhookPorts = {
    webhooks: this.webhooks,
    queue: this.queue,
    post: async (url, headers, body) => {
      this.posted.push({ url: url.href, headers, body });
      return this.outcomes.shift() ?? { status: 200 };
    },
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
        ...signWebhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
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
  await handle({ detail: event }, service.ports);
  await service.webhooks.remove(tenant, 'wh_a');
  for (const { request } of service.queue.take()) await handle(request, service.ports);
  expect(service.posted).toEqual([]);
});

test('what the store fails with makes the message come again', async () => {
  await service.givenWebhook('wh_a', ['domain.verified']);
  service.webhooks.put = () => Promise.reject(new Error('the table is gone'));
  await expect(handle({ webhook: 'wh_a', event }, service.ports)).rejects.toThrow('is gone');
});
