import { expect, test } from 'vitest';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Webhook } from '#shared/app/ports/webhook-store.ts';
import type { DeliveryRequest } from '#shared/app/ports/queues.ts';
import { handle, type WebhookPorts } from '../../../../lambdas/webhooks/deliver.ts';
import { WebhookSecrets } from '../../../../lambdas/webhooks/webhook-secrets.ts';
import { WebhookTime } from '../../../../lambdas/webhooks/webhook-time.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemorySecretBox } from '../../../fakes/secret-box.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { MemoryWebhookStore } from '../../../fakes/webhook-store.ts';

/** Deliveries on virtual time: requests under way end when the clock comes to their end. */
class Deliveries {
  now = Date.parse('2026-11-20T10:00:00.000Z');
  readonly webhooks = new MemoryWebhookStore();
  readonly queue = new MemoryQueue<DeliveryRequest>();
  readonly clock = { now: () => new Date(this.now) };
  readonly started: { tenant: TenantId; at: number }[] = [];
  readonly ended: { tenant: TenantId; at: number }[] = [];
  #underWay: { endsAt: number; end: () => void }[] = [];
  readonly ports: WebhookPorts;

  constructor(secondsOf: (tenant: TenantId) => number) {
    const { budgets } = givenBudgets(this.clock);
    this.ports = {
      webhooks: this.webhooks,
      queue: this.queue,
      bus: new MemoryEventBus(),
      secrets: new WebhookSecrets({
        webhooks: this.webhooks,
        box: new MemorySecretBox(),
        log: () => {},
      }),
      time: new WebhookTime({ budgets, clock: this.clock }),
      clock: this.clock,
      random: () => 0,
      post: async (url) => {
        const tenant = url.pathname.slice(1) as TenantId;
        this.started.push({ tenant, at: this.now });
        const endsAt = this.now + secondsOf(tenant) * 1_000;
        await new Promise<void>((end) => this.#underWay.push({ endsAt, end }));
        this.ended.push({ tenant, at: this.now });
        return secondsOf(tenant) >= 10 ? { error: 'no answer within 10 s' } : { status: 200 };
      },
    };
  }

  async givenWebhook(tenant: TenantId, id: string): Promise<Webhook> {
    const webhook: Webhook = {
      id,
      tenant,
      url: `https://hooks.example.com/${tenant}`,
      events: ['domain.verified'],
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      createdAt: '2026-11-20T10:00:00.000Z',
    };
    await this.webhooks.add(webhook);
    return webhook;
  }

  get underWay(): number {
    return this.#underWay.length;
  }

  /** Lets so many seconds pass, a tenth at a time; each message is handled when it is due. */
  async pass(seconds: number): Promise<void> {
    let due: { request: DeliveryRequest; at: number }[] = [];
    const until = this.now + seconds * 1_000;
    for (; this.now < until; this.now += 100) {
      const now = this.now;
      for (const { request, delaySeconds } of this.queue.take()) {
        due.push({ request, at: now + delaySeconds * 1_000 });
      }
      const ready = due.filter(({ at }) => at <= now);
      due = due.filter(({ at }) => at > now);
      for (const { request } of ready) this.#handling.push(handle(request, this.ports));
      const over = this.#underWay.filter(({ endsAt }) => endsAt <= now);
      this.#underWay = this.#underWay.filter(({ endsAt }) => endsAt > now);
      for (const { end } of over) end();
      for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
    }
    for (const { request, at } of due) {
      await this.queue.send([request], { delaySeconds: Math.ceil((at - this.now) / 1_000) });
    }
  }
  readonly #handling: Promise<void>[] = [];
}

const eventOf = (tenant: TenantId, id: string): ServiceEvent => ({
  id,
  type: 'domain.verified',
  tenant,
  at: '2026-11-20T10:00:00.000Z',
  data: { domain: 'example.com' },
});

test('ten endpoints that hang hold few requests, fewer once they are known, and nobody waits for them', async () => {
  const [hanging, prompt] = [givenTenant(), givenTenant()];
  const deliveries = new Deliveries((tenant) => (tenant === hanging ? 10 : 0.1));
  for (let index = 0; index < 10; index += 1) {
    const { id } = await deliveries.givenWebhook(hanging, `wh_${index}`);
    for (let count = 0; count < 20; count += 1) {
      const request = { webhook: id, event: eventOf(hanging, `evt_${index}_${count}`) };
      await deliveries.queue.send([request]);
    }
  }
  const { id } = await deliveries.givenWebhook(prompt, 'wh_prompt');
  let most = 0;
  for (let second = 0; second < 60; second += 1) {
    await deliveries.queue.send([{ webhook: id, event: eventOf(prompt, `evt_p_${second}`) }]);
    await deliveries.pass(1);
    most = Math.max(most, deliveries.underWay);
  }
  const of = (tenant: TenantId) => deliveries.started.filter((one) => one.tenant === tenant);
  expect(most).toBeLessThanOrEqual(31);
  expect(of(hanging).length).toBeLessThanOrEqual(30);
  // Each of the other's goes in the tenth of a second that it comes in.
  expect(of(prompt)).toHaveLength(60);
  expect(of(prompt).every(({ at }) => at % 1_000 === 0)).toBe(true);
  // They are known now: a minute has a minute of time for them.
  const known = of(hanging).length;
  await deliveries.pass(240);
  expect(of(hanging).length - known).toBeLessThanOrEqual(4 * 6);
  expect(of(hanging).length - known).toBeGreaterThan(0);
});

test('a burst to a prompt endpoint is delivered within its time, all of it', async () => {
  const tenant = givenTenant();
  const deliveries = new Deliveries(() => 0.1);
  const { id } = await deliveries.givenWebhook(tenant, 'wh_a');
  for (let count = 0; count < 100; count += 1) {
    await deliveries.queue.send([{ webhook: id, event: eventOf(tenant, `evt_${count}`) }]);
  }
  await deliveries.pass(180);
  expect(deliveries.ended).toHaveLength(100);
  expect(new Set(deliveries.ended.map(({ at }) => at)).size).toBeGreaterThan(1);
  const { deliveries: log } = await deliveries.webhooks.deliveries(id, { limit: 200 });
  expect(log.every(({ state, attempts }) => state === 'delivered' && attempts.length === 1)).toBe(
    true,
  );
});
