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
        store: dynamoWebhookStore(dynamo.client, dynamo.tables.webhooks, dynamo.trail),
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
    await store.add(webhook(one, 'wh_a'), 10);
    await store.add(webhook(one, 'wh_b'), 10);
    expect(await store.of(one)).toEqual([webhook(one, 'wh_a'), webhook(one, 'wh_b')]);
    expect(await store.of(other)).toEqual([]);
    expect(await store.get(other, 'wh_a')).toBeUndefined();
    await store.remove(one, 'wh_a');
    expect(await store.get(one, 'wh_a')).toBeUndefined();
    expect(await store.get(one, 'wh_b')).toEqual(webhook(one, 'wh_b'));
  });

  test('the types that a tenant wants are those of all of its webhooks', async () => {
    const [one, other] = [givenTenant(), givenTenant()];
    await store.add(webhook(one, 'wh_a'), 10);
    await store.add({ ...webhook(one, 'wh_b'), events: ['message.bounced', 'message.sent'] }, 10);
    await expect
      .poll(() => store.wantedTypes(one))
      .toEqual(new Set(['domain.lost', 'message.bounced', 'message.sent']));
    expect(await store.wantedTypes(other)).toEqual(new Set());
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

  test('of many made at once as many stay as a tenant may have', async () => {
    const tenant = givenTenant();
    const added = await Promise.allSettled(
      Array.from({ length: 14 }, (_, index) => store.add(webhook(tenant, `wh_${index}`), 10)),
    );
    expect((await store.of(tenant)).length).toBeLessThanOrEqual(10);
    const made = added.filter((one) => one.status === 'fulfilled' && one.value);
    expect(await store.of(tenant)).toHaveLength(made.length);
    for (let more = 0; more < 10; more += 1) await store.add(webhook(tenant, `wh_more${more}`), 10);
    expect(await store.of(tenant)).toHaveLength(10);
    expect(await store.add(webhook(tenant, 'wh_one-more'), 10)).toBe(false);
    const [first] = await store.of(tenant);
    expect(await store.add(first!, 10)).toBe(true);
    await store.remove(tenant, first!.id);
    expect(await store.add(webhook(tenant, 'wh_one-more'), 10)).toBe(true);
  });

  test('a webhook is changed as it was read, or not at all', async () => {
    const tenant = givenTenant();
    const made = webhook(tenant, 'wh_a');
    await store.add(made, 10);
    const failing = { count: 3, since: at(1), nextAt: at(2), reason: 'answered 500' };
    const secret = Buffer.from('sealed');
    const changed = await store.change(made, {
      failing,
      secret,
      previousSecrets: [{ secret: 'whsec_x', until: at(9) }],
      off: { at: at(3), by: 'service', reason: 'answered 500' },
    });
    const stored = await store.get(tenant, 'wh_a');
    expect({ ...stored, secret: Buffer.from(stored!.secret) }).toEqual(changed);
    await expect(store.change(made, { url: 'https://other.example/' })).rejects.toThrow(Conflict);
    const { failing: _failing, off: _off, ...rest } = changed;
    const again = await store.change(stored!, { failing: undefined, off: undefined });
    expect(again.revision).toBe(2);
    const { secret: kept, ...on } = (await store.get(tenant, 'wh_a'))!;
    expect({ ...on, secret: Buffer.from(kept) }).toEqual({ ...rest, revision: 2 });
    await store.remove(tenant, 'wh_a');
    await expect(store.change(again, { off: undefined })).rejects.toThrow(Conflict);
    expect(await store.get(tenant, 'wh_a')).toBeUndefined();
  });

  test('a delivery may begin as missed, and is found by its event', async () => {
    const sent = event(7);
    const missed = await store.begin('wh_e', sent, 'missed');
    expect(missed.state).toBe('missed');
    expect(await store.begin('wh_e', sent)).toEqual(missed);
    expect(await store.delivery('wh_e', { id: sent.id, at: sent.at })).toEqual(missed);
    expect(await store.delivery('wh_e', { id: 'evt_other', at: sent.at })).toBeUndefined();
    const { nextAt: _, ...rest } = { ...missed, nextAt: at(8) };
    const again = {
      ...rest,
      state: 'pending' as const,
      revision: 2,
      replay: 'rp_1',
      triedBefore: 0,
    };
    await store.put(again);
    expect(await store.delivery('wh_e', sent)).toEqual(again);
  });

  test('the log of a time is oldest first, in pages', async () => {
    for (const minute of [3, 1, 2, 5, 4]) await store.begin('wh_f', event(minute));
    const range = { from: at(2), to: at(5) };
    const first = await store.deliveriesBetween('wh_f', range, { limit: 2 });
    expect(first.deliveries.map((one) => one.event.id)).toEqual(['evt_2', 'evt_3']);
    const rest = await store.deliveriesBetween('wh_f', range, { limit: 9, cursor: first.cursor! });
    expect(rest.deliveries.map((one) => one.event.id)).toEqual(['evt_4']);
    expect(rest.cursor).toBeUndefined();
    const reversed = { from: at(5), to: at(2) };
    expect(await store.deliveriesBetween('wh_f', reversed, { limit: 9 })).toEqual({
      deliveries: [],
      cursor: undefined,
    });
  });

  test('the log of a time that ends later goes on by its cursor, and an empty time is empty', async () => {
    for (const minute of [1, 2, 3]) await store.begin('wh_g', event(minute));
    const first = await store.deliveriesBetween('wh_g', { from: at(1), to: at(4) }, { limit: 2 });
    const cursor = first.cursor!;
    const next = { limit: 9, cursor };
    const rest = await store.deliveriesBetween('wh_g', { from: at(1), to: at(5) }, next);
    expect(rest.deliveries.map((one) => one.event.id)).toEqual(['evt_3']);
    const nothing = { deliveries: [], cursor: undefined };
    expect(await store.deliveriesBetween('wh_g', { from: at(1), to: at(2) }, next)).toEqual(
      nothing,
    );
    const reversed = { from: at(5), to: at(1) };
    expect(await store.deliveriesBetween('wh_g', reversed, { limit: 9 })).toEqual(nothing);
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
