import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryPage, WebhookDocument } from '#shared/api/routes/webhooks.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { answer } from '../../../../lambdas/webhook-settings/answer.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryWebhookStore } from '../../../fakes/webhook-store.ts';
import { givenEvent, type Asked } from '../../api/given-event.ts';

const now = '2026-11-20T10:00:00.000Z';
const tenant = givenTenant();
let webhooks: MemoryWebhookStore;
let reported: unknown[];
beforeEach(() => {
  webhooks = new MemoryWebhookStore();
  reported = [];
});

async function ask(method: string, path: string, asked: Asked & { as?: TenantId } = {}) {
  const { as = tenant, ...rest } = asked;
  const event = givenEvent({ caller: { tenant: as, scopes: 'domains' }, ...rest, method, path });
  const ports = {
    webhooks,
    zone: 'sd.example.net' as DomainName,
    clock: { now: () => new Date(now) },
    random: { bytes: (size: number) => randomBytes(size) },
  };
  const result = await answer(event, ports, (error) => reported.push(error));
  return {
    status: result.statusCode,
    body: JSON.parse(result.body ?? '') as Record<string, unknown>,
  };
}
const create = (body: unknown, as?: TenantId) =>
  ask('POST', '/v1/webhooks', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(as && { as }),
  });
const wanted = { url: 'https://hooks.example.com/in', events: ['domain.verified'] };

describe('a webhook', () => {
  test('is made with a secret that is shown once', async () => {
    const { status, body } = await create(wanted);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^wh_[a-z2-7]{26}$/),
      ...wanted,
      createdAt: now,
      secret: expect.stringMatching(/^whsec_/),
    });
    const { secret: _, ...shown } = body;
    expect((await ask('GET', '/v1/webhooks')).body).toEqual({ webhooks: [shown] });
  });

  test.each([
    [{ ...wanted, url: 'http://hooks.example.com' }, 422, 'webhook-invalid'],
    [{ ...wanted, events: [] }, 400, 'invalid-body'],
    [{ ...wanted, events: ['domain.verified', 'domain.verified'] }, 400, 'invalid-body'],
    [{ ...wanted, events: ['domain.exploded'] }, 400, 'invalid-body'],
    [{ url: wanted.url }, 400, 'invalid-body'],
  ])('%j is refused', async (body, status, code) => {
    expect(await create(body)).toMatchObject({ status, body: { code } });
  });

  test('is one of 10 at most', async () => {
    for (let count = 0; count < 10; count += 1) await create(wanted);
    expect(await create(wanted)).toMatchObject({
      status: 409,
      body: { code: 'too-many-webhooks' },
    });
    expect((await create(wanted, givenTenant())).status).toBe(201);
  });

  test('is deleted by its tenant, and no other tenant sees it', async () => {
    const { id } = (await create(wanted)).body as WebhookDocument;
    const stranger = { as: givenTenant() };
    expect((await ask('DELETE', `/v1/webhooks/${id}`, stranger)).status).toBe(404);
    expect((await ask('GET', `/v1/webhooks/${id}/deliveries`, stranger)).status).toBe(404);
    expect((await ask('GET', '/v1/webhooks', stranger)).body).toEqual({ webhooks: [] });
    expect((await ask('DELETE', `/v1/webhooks/${id}`)).status).toBe(200);
    expect((await ask('DELETE', `/v1/webhooks/${id}`)).status).toBe(404);
  });
});

test('the log shows deliveries, newest first, page by page', async () => {
  const { id } = (await create(wanted)).body as WebhookDocument;
  for (const hour of [1, 2, 3]) await webhooks.begin(id, eventAt(hour));
  const record = await webhooks.begin(id, eventAt(3));
  const attempts = [
    { at: now, status: 500 },
    { at: now, error: 'no answer within 10 s' },
  ];
  await webhooks.put({ ...record, revision: 2, state: 'pending', attempts, nextAt: now });
  const path = `/v1/webhooks/${id}/deliveries`;
  const page = (await ask('GET', path, { query: { limit: '2' } })).body as DeliveryPage;
  expect(page.deliveries.map((one) => one.id)).toEqual(['evt_3', 'evt_2']);
  expect(page.deliveries[0]).toEqual({
    id: 'evt_3',
    type: 'domain.lost',
    at: '2026-11-20T03:00:00.000Z',
    state: 'pending',
    nextAt: now,
    attempts: [
      { at: now, status: 500, error: null },
      { at: now, status: null, error: 'no answer within 10 s' },
    ],
    data: { domain: 'example.com' },
  });
  const rest = await ask('GET', path, { query: { limit: '2', cursor: page.cursor! } });
  expect((rest.body as DeliveryPage).deliveries.map((one) => one.id)).toEqual(['evt_1']);
  expect(rest.body['cursor']).toBeNull();
});

test('what goes wrong on our side is reported', async () => {
  webhooks.of = () => Promise.reject(new Error('the table is gone'));
  expect((await ask('GET', '/v1/webhooks')).status).toBe(500);
  expect(reported).toHaveLength(1);
});

test('a request that no route takes is a wrong method or not found, as everywhere', async () => {
  expect((await ask('GET', '/v1/webhooks/x')).status).toBe(405);
  expect((await ask('GET', '/v1/webhooks/x/y')).status).toBe(404);
  expect((await ask('GET', '/v1/domains')).status).toBe(404);
});

const eventAt = (hour: number): ServiceEvent => ({
  id: `evt_${hour}`,
  type: 'domain.lost',
  tenant,
  at: `2026-11-20T0${hour}:00:00.000Z`,
  data: { domain: 'example.com' },
});
