import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoWebhookStore } from '#shared/adapters/aws/webhook-store.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Webhook, WebhookStore } from '#shared/app/ports/webhook-store.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryWebhookStore } from '../fakes/webhook-store.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<string, () => Promise<{ store: WebhookStore; close: () => Promise<void> }>> =
  {
    'in memory': async () => ({ store: new MemoryWebhookStore(), close: async () => {} }),
    'on DynamoDB': async () => {
      const dynamo = await startDynamo();
      return {
        store: dynamoWebhookStore(dynamo.client, dynamo.tables.webhooks),
        close: () => dynamo.close(),
      };
    },
  };

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString();
const webhook = (tenant: TenantId, id: string): Webhook => ({
  id,
  tenant,
  url: 'https://hooks.example.com/',
  events: ['domain.lost', 'message.bounced'],
  secret: 'whsec_x',
  createdAt: at(0),
});
const event = (minute: number, tenant = givenTenant()): ServiceEvent => ({
  id: `evt_${minute}`,
  type: 'domain.lost',
  tenant,
  at: at(minute),
  data: { domain: 'example.com' },
});

describe.each(Object.entries(adapters))('WebhookStore %s', (_name, start) => {
  let store: WebhookStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ store, close } = await start());
  });
  afterAll(() => close());

  test('webhooks are their tenant’s alone', async () => {
    const [one, other] = [givenTenant(), givenTenant()];
    await store.add(webhook(one, 'wh_a'));
    await store.add(webhook(one, 'wh_b'));
    expect(await store.of(one)).toEqual([webhook(one, 'wh_a'), webhook(one, 'wh_b')]);
    expect(await store.of(other)).toEqual([]);
    expect(await store.get(other, 'wh_a')).toBeUndefined();
    await store.remove(one, 'wh_a');
    expect(await store.get(one, 'wh_a')).toBeUndefined();
    expect(await store.get(one, 'wh_b')).toEqual(webhook(one, 'wh_b'));
  });

  test('a delivery begins once, and goes on where it is', async () => {
    const sent = event(1);
    const record = await store.begin('wh_c', sent);
    expect(record).toEqual({
      webhook: 'wh_c',
      event: sent,
      revision: 1,
      state: 'pending',
      attempts: [],
    });
    const next = {
      ...record,
      revision: 2,
      attempts: [{ at: at(2), error: 'x' }],
      nextAt: at(3),
    };
    await store.put(next);
    expect(await store.begin('wh_c', sent)).toEqual(next);
    await expect(store.put(next)).rejects.toThrow(Conflict);
  });

  test('the log is by time, newest first, in pages', async () => {
    for (const minute of [3, 1, 2, 5, 4]) await store.begin('wh_d', event(minute));
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.deliveries('wh_d', { limit: 2, ...(cursor && { cursor }) });
      ids.push(...page.deliveries.map((one) => one.event.id));
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(ids).toEqual(['evt_5', 'evt_4', 'evt_3', 'evt_2', 'evt_1']);
  });

  test('an invalid cursor is refused', async () => {
    await expect(store.deliveries('wh_d', { limit: 2, cursor: 'x' })).rejects.toThrow(Refusal);
  });
});
