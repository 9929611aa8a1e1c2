import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryPage, WebhookDocument } from '#shared/api/routes/webhooks.ts';
import type { DeliveryRequest } from '#shared/app/ports/queues.ts';
import { openSecret } from '#shared/app/webhook-secrets.ts';
import type { Limits } from '#shared/core/model/budgets.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import { platformIdOf, type DomainName, type TenantId } from '#shared/core/model/names.ts';
import { answer } from '../../../../lambdas/webhook-settings/answer.ts';
import { MemoryAnswerStore } from '../../../fakes/answer-store.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemorySecretBox } from '../../../fakes/secret-box.ts';
import { MemoryWebhookStore } from '../../../fakes/webhook-store.ts';
import { MemoryNoticeStore } from '../../../fakes/notice-store.ts';
import { givenEvent, type Asked } from '../../api/given-event.ts';

const now = '2026-11-20T10:00:00.000Z';
const tenant = givenTenant();
let webhooks: MemoryWebhookStore;
let box: MemorySecretBox;
let queue: MemoryQueue<DeliveryRequest>;
let limits: Partial<Limits>;
let reported: unknown[];
let notices: MemoryNoticeStore;
let sendsMails: boolean;
beforeEach(() => {
  webhooks = new MemoryWebhookStore();
  notices = new MemoryNoticeStore();
  sendsMails = true;
  box = new MemorySecretBox();
  queue = new MemoryQueue();
  limits = {};
  reported = [];
});

async function ask(method: string, path: string, asked: Asked & { as?: TenantId } = {}) {
  const { as = tenant, ...rest } = asked;
  const event = givenEvent({ caller: { tenant: as, scopes: 'domains' }, ...rest, method, path });
  const ports = {
    answers: new MemoryAnswerStore(),
    webhooks,
    box,
    queue,
    notices,
    sendsMails,
    budgets: givenBudgets({ now: () => new Date(now) }, limits).budgets,
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
      state: 'on',
      failing: null,
      off: null,
      previousSecretsUntil: [],
      secret: expect.stringMatching(/^whsec_/),
    });
    const { secret: _, ...shown } = body;
    expect((await ask('GET', '/v1/webhooks')).body).toEqual({ webhooks: [shown] });
    const [stored] = await webhooks.of(tenant);
    expect(stored!.secret).toBeInstanceOf(Uint8Array);
    expect(await openSecret(stored!.secret, stored!, box)).toBe(body['secret']);
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

const post = (path: string, body?: unknown, key?: string) =>
  ask('POST', path, {
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const patch = (id: string, body: unknown) =>
  ask('PATCH', `/v1/webhooks/${id}`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const made = async () => (await create(wanted)).body as WebhookDocument & { secret: string };

test('a request that ended before its answer was stored makes the same webhook again', async () => {
  const first = (await post('/v1/webhooks', wanted, 'k')).body;
  // `ask` has a new store of answers each time, as if the first had never been stored.
  const second = (await post('/v1/webhooks', wanted, 'k')).body;
  expect(second['id']).toBe(first['id']);
  const [stored, ...others] = await webhooks.of(tenant);
  expect(others).toEqual([]);
  expect(await openSecret(stored!.secret, stored!, box)).toBe(second['secret']);
  const other = (await post('/v1/webhooks', { ...wanted, events: ['domain.lost'] }, 'k')).body;
  expect(other['id']).not.toBe(first['id']);
});

describe('a change of a webhook', () => {
  test('gives it another address and other events', async () => {
    const { id } = await made();
    const changed = await patch(id, { url: 'https://new.example.com/', events: ['domain.lost'] });
    expect(changed).toMatchObject({
      status: 200,
      body: { url: 'https://new.example.com/', events: ['domain.lost'] },
    });
    expect((await ask('GET', '/v1/webhooks')).body).toEqual({ webhooks: [changed.body] });
    expect(await patch(id, { url: 'http://new.example.com/' })).toMatchObject({ status: 422 });
    expect(await patch(id, { events: ['webhook.test'] })).toMatchObject({ status: 400 });
    expect(await patch('wh_none', {})).toMatchObject({ status: 404 });
  });

  test('switches it off, and on without what it failed', async () => {
    const { id } = await made();
    const off = await patch(id, { active: false });
    expect(off.body).toMatchObject({ state: 'off', off: { at: now, by: 'tenant', reason: null } });
    const [stored] = await webhooks.of(tenant);
    const failing = { count: 9, since: now, nextAt: now, reason: 'answered 500' };
    await webhooks.change(stored!, { failing });
    expect((await patch(id, { active: true })).body).toMatchObject({
      state: 'on',
      off: null,
      failing: null,
    });
  });

  test('seals a secret that an earlier release stored in plain', async () => {
    const plain = { ...wanted, id: 'wh_old', tenant, secret: 'whsec_old', createdAt: now };
    await webhooks.add({ ...plain, events: ['domain.verified'] });
    await patch('wh_old', { active: true });
    const [stored] = await webhooks.of(tenant);
    expect(stored!.secret).toBeInstanceOf(Uint8Array);
    expect(await openSecret(stored!.secret, stored!, box)).toBe('whsec_old');
  });
});

const opened = async () => {
  const [stored] = await webhooks.of(tenant);
  const { secret, previousSecrets = [] } = stored!;
  return Promise.all(
    [secret, ...previousSecrets.map((one) => one.secret)].map((one) =>
      openSecret(one, stored!, box),
    ),
  );
};

describe('a rotation of the secret', () => {
  test('shows the new one once, and keeps the one before for the overlap', async () => {
    const { id, secret } = await made();
    const { status, body } = await post(`/v1/webhooks/${id}/secrets`, {});
    expect([status, body['previousSecretsUntil']]).toEqual([201, ['2026-11-21T10:00:00.000Z']]);
    expect(await opened()).toEqual([body['secret'], secret]);
    const again = await post(`/v1/webhooks/${id}/secrets`, { overlapHours: 1 });
    expect(await opened()).toEqual([again.body['secret'], body['secret'], secret]);
    expect(JSON.stringify((await ask('GET', '/v1/webhooks')).body)).not.toContain('whsec_');
  });

  test('without an overlap ends all others at once', async () => {
    const { id } = await made();
    await post(`/v1/webhooks/${id}/secrets`, {});
    const { body } = await post(`/v1/webhooks/${id}/secrets`, { overlapHours: 0 });
    expect(body['previousSecretsUntil']).toEqual([]);
    expect(await opened()).toEqual([body['secret']]);
  });

  test('keeps four secrets at most', async () => {
    const { id } = await made();
    for (let count = 0; count < 6; count += 1) await post(`/v1/webhooks/${id}/secrets`, {});
    expect(await opened()).toHaveLength(4);
  });
});

test('a test is a delivery of its own, to this webhook, and takes from a budget', async () => {
  const { id } = await made();
  limits = { 'webhook-replays-hour': 0 };
  expect(await post(`/v1/webhooks/${id}/test`)).toMatchObject({
    status: 429,
    body: { budget: 'webhook-replays-hour' },
  });
  limits = {};
  const { status, body } = await post(`/v1/webhooks/${id}/test`);
  expect(status).toBe(202);
  expect(body).toMatchObject({ type: 'webhook.test', at: now, state: 'pending', attempts: [] });
  const [sent, ...others] = queue.take();
  expect(others).toEqual([]);
  expect(sent).toMatchObject({
    group: tenant,
    request: { webhook: id, event: { id: body['id'] } },
  });
  const log = (await ask('GET', `/v1/webhooks/${id}/deliveries`)).body as DeliveryPage;
  expect(log.deliveries).toEqual([body]);
});

const givenLog = async () => {
  const { id } = await made();
  for (const hour of [1, 2, 3, 4]) {
    const record = await webhooks.begin(id, eventAt(hour));
    const state = (['failed', 'delivered', 'failed', 'pending'] as const)[hour - 1]!;
    await webhooks.put({ ...record, revision: 2, state });
  }
  await webhooks.begin(id, eventAt(5), 'missed');
  return id;
};
const sent = () => queue.take().map(({ request }) => request.event.id);

describe('a replay', () => {
  test('of one delivery sends it, whatever became of it', async () => {
    const id = await givenLog();
    const replayOf = (delivery: object) => post(`/v1/webhooks/${id}/replays`, { delivery });
    const { at } = eventAt(2);
    expect(await replayOf({ id: 'evt_2', at })).toEqual({
      status: 202,
      body: { replayed: 1, cursor: null },
    });
    expect(sent()).toEqual(['evt_2']);
    expect((await replayOf({ id: 'evt_9', at })).status).toBe(404);
  });

  test('of a time sends what failed or was missed, the oldest first', async () => {
    const id = await givenLog();
    const range = { from: '2026-11-20T02:00:00Z' };
    const path = `/v1/webhooks/${id}/replays`;
    expect((await post(path, range)).body).toEqual({ replayed: 2, cursor: null });
    expect(sent()).toEqual(['evt_3', 'evt_5']);
    const states = ['delivered', 'failed'];
    const wide = { from: '2026-11-20T00:00:00Z', to: eventAt(3).at, states };
    expect((await post(path, wide)).body).toEqual({ replayed: 2, cursor: null });
    expect(sent()).toEqual(['evt_1', 'evt_2']);
  });

  test('of a time in whole seconds takes all of its first one, and none of its last', async () => {
    const { id } = await made();
    for (const [index, at] of ['01.000', '01.500', '02.000', '02.500'].entries()) {
      const event = { ...eventAt(1), id: `evt_${index}`, at: `2026-11-20T01:00:${at}Z` };
      await webhooks.begin(id, event, 'missed');
    }
    const range = { from: '2026-11-20T01:00:01Z', to: '2026-11-20T01:00:02Z' };
    expect((await post(`/v1/webhooks/${id}/replays`, range)).body).toMatchObject({ replayed: 2 });
    expect(sent()).toEqual(['evt_0', 'evt_1']);
  });

  test('of a time that ends before it begins is refused', async () => {
    const { id } = await made();
    const path = `/v1/webhooks/${id}/replays`;
    const reversed = { from: '2026-11-20T02:00:00Z', to: '2026-11-20T01:00:00Z' };
    const refusal = { status: 400, body: { code: 'invalid-body' } };
    expect(await post(path, reversed)).toMatchObject(refusal);
    expect(await post(path, { from: '2026-11-21T00:00:00Z' })).toMatchObject(refusal);
  });

  test('to a platform waits in the platform’s own turn, not in that of the tenant', async () => {
    const platform = platformIdOf(randomBytes(16));
    const as = platform as string as TenantId;
    const { id } = (await create(wanted, as)).body as { id: string };
    await webhooks.begin(id, eventAt(1), 'missed');
    await ask('POST', `/v1/webhooks/${id}/replays`, {
      as,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: '2026-11-20T00:00:00Z' }),
    });
    expect(queue.take()).toMatchObject([{ group: platform, request: { owner: platform } }]);
  });

  test('of more than a request takes goes on by a cursor', async () => {
    const { id } = await made();
    for (let index = 0; index < 1_250; index += 1) {
      const event = { ...eventAt(1), id: `evt_${String(index).padStart(4, '0')}` };
      await webhooks.begin(id, event, 'missed');
    }
    const path = `/v1/webhooks/${id}/replays`;
    const first = await post(path, { from: '2026-11-20T00:00:00Z' });
    expect(first.body).toMatchObject({ replayed: 1_000, cursor: expect.any(String) });
    const { cursor } = first.body;
    const second = await post(path, { from: '2026-11-20T00:00:00Z', cursor });
    expect(second.body).toEqual({ replayed: 250, cursor: null });
    const ids = sent();
    expect([ids.length, new Set(ids).size]).toEqual([1_250, 1_250]);
  });

  test('stops where the budget ends, and goes on from there', async () => {
    const { id } = await made();
    for (let index = 0; index < 300; index += 1) {
      const event = { ...eventAt(1), id: `evt_${String(index).padStart(4, '0')}` };
      await webhooks.begin(id, event, 'missed');
    }
    const path = `/v1/webhooks/${id}/replays`;
    limits = { 'webhook-replays-hour': 250 };
    const first = await post(path, { from: '2026-11-20T00:00:00Z' });
    expect(first.body).toMatchObject({ replayed: 200, cursor: expect.any(String) });
    limits = { 'webhook-replays-hour': 50 };
    const refused = await post(path, { from: '2026-11-20T00:00:00Z' });
    expect(refused).toMatchObject({ status: 429 });
  });

  test('is refused while the webhook is switched off', async () => {
    const id = await givenLog();
    await patch(id, { active: false });
    const refused = await post(`/v1/webhooks/${id}/replays`, { from: '2026-11-20T00:00:00Z' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'webhook-off' } });
    expect(sent()).toEqual([]);
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

const as = (scopes: string) => ({ caller: { tenant, scopes } });
const json = (body: unknown) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('a webhook receives only what its creator may read', () => {
  const forbidden = { status: 403, body: { code: 'forbidden' } };
  const events = { ofMail: ['message.bounced'], ofDomains: ['domain.verified', 'sending.paused'] };

  test.each([
    ['webhooks', events.ofDomains, false],
    ['webhooks messages:read', events.ofDomains, false],
    ['webhooks domains:read', events.ofDomains, true],
    ['domains', events.ofMail, false],
    ['webhooks messages:read', events.ofMail, true],
    ['webhooks messages:send', events.ofMail, false],
    ['webhooks', ['webhook.switched_off'], true],
    ['domains messages', [...events.ofMail, ...events.ofDomains], true],
  ])('with %j, %j: %s', async (scopes, types, isMade) => {
    const body = { ...wanted, events: types };
    const made = await ask('POST', '/v1/webhooks', { ...as(scopes), ...json(body) });
    expect(made).toMatchObject(isMade ? { status: 201 } : forbidden);
    expect(await webhooks.of(tenant)).toHaveLength(isMade ? 1 : 0);
  });

  test('and who may read less neither moves it, nor has its log, its secret or its mail again', async () => {
    const body = { ...wanted, events: events.ofMail };
    const made = await ask('POST', '/v1/webhooks', { ...as('messages webhooks'), ...json(body) });
    const path = `/v1/webhooks/${String(made.body['id'])}`;
    const less = as('domains');
    const again = { from: '2026-11-20T00:00:00.000Z' };
    const tries = [
      await ask('PATCH', path, { ...less, ...json({ url: 'https://evil.example/' }) }),
      await ask('PATCH', path, { ...less, ...json({ events: events.ofDomains }) }),
      await ask('GET', `${path}/deliveries`, less),
      await ask('POST', `${path}/secrets`, { ...less, ...json({}) }),
      await ask('POST', `${path}/replays`, { ...less, ...json(again) }),
    ];
    for (const refused of tries) expect(refused).toMatchObject(forbidden);
    expect(await webhooks.of(tenant)).toMatchObject([{ url: wanted.url, events: events.ofMail }]);
    expect((await ask('DELETE', path, less)).status).toBe(200);
  });

  test('a platform that names no tenant may read all of its own', async () => {
    const platform = platformIdOf(new Uint8Array(16));
    const body = { ...wanted, events: events.ofMail };
    const caller = { caller: { platform, scopes: '' } };
    expect((await ask('POST', '/v1/webhooks', { ...caller, ...json(body) })).status).toBe(201);
  });
});

const change = (body: unknown) =>
  ask('PATCH', '/v1/notices', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('notices', () => {
  const ann = { email: 'ann@example.com', language: 'de', kinds: ['at-risk', 'lost'] };
  test('go to nobody until a tenant names somebody, and no other tenant sees whom', async () => {
    const nobody = { recipients: [], revision: 0, offered: true };
    expect((await ask('GET', '/v1/notices')).body).toEqual(nobody);
    const named = { recipients: [ann], revision: 1, offered: true };
    expect(await change({ recipients: [ann] })).toEqual({ status: 200, body: named });
    expect((await ask('GET', '/v1/notices')).body).toEqual(named);
    expect((await ask('GET', '/v1/notices', { as: 't_other' as TenantId })).body).toEqual(nobody);
  });

  test('are in English, and of the kinds that are switched on', async () => {
    const { body } = await change({ recipients: [{ email: 'bo@example.com', kinds: [] }] });
    expect(body['recipients']).toEqual([{ email: 'bo@example.com', language: 'en', kinds: [] }]);
  });

  test('of two changes of the same settings the second is refused', async () => {
    await change({ recipients: [ann], revision: 0 });
    const refused = await change({ recipients: [], revision: 0 });
    expect(refused).toMatchObject({ status: 409, body: { code: 'settings-changed' } });
    expect((await ask('GET', '/v1/notices')).body['recipients']).toEqual([ann]);
  });

  test('are refused where the operator sends no mails, but can be ended', async () => {
    await change({ recipients: [ann] });
    sendsMails = false;
    const refused = await change({ recipients: [ann] });
    expect(refused).toMatchObject({ status: 409, body: { code: 'mail-not-offered' } });
    expect(await change({ recipients: [] })).toMatchObject({ body: { offered: false } });
  });

  test.each([
    [[ann, { ...ann, email: 'ANN@example.com' }], 'names an address twice'],
    [[{ ...ann, kinds: ['lost', 'lost'] }], 'names a kind twice'],
    [[{ ...ann, kinds: ['all'] }], 'kinds'],
    [[{ ...ann, email: 'ann' }], 'email'],
    [Array.from({ length: 11 }, (_, n) => ({ ...ann, email: `a${n}@example.com` })), '10'],
  ])('of a bad list change nothing: %#', async (recipients, says) => {
    const { status, body } = await change({ recipients });
    expect([status, body['code']]).toEqual([400, 'invalid-body']);
    expect(body['detail']).toContain(says);
    expect((await ask('GET', '/v1/notices')).body['revision']).toBe(0);
  });
});

test('nobody is mailed by a caller what the caller may not read', async () => {
  const recipients = [{ email: 'ann@example.com', kinds: ['access-changed'] }];
  const asked = (scopes: string) =>
    ask('PATCH', '/v1/notices', { ...as(scopes), ...json({ recipients }) });
  expect(await asked('domains')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(await asked('domains keys')).toMatchObject({ status: 403 });
  expect(await asked('domains keys users')).toMatchObject({ status: 200 });
});
