import { beforeEach, describe, expect, test } from 'vitest';
import type { ApiKeyDocument } from '#shared/api/routes/api-keys.ts';
import { hashApiKey, isApiKey } from '#shared/core/model/api-key.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { answer } from '../../../../lambdas/api-keys/answer.ts';
import { LIVE_KEYS } from '../../../../lambdas/api-keys/issue-key.ts';
import type { AnswerPorts } from '#shared/api/answered-once.ts';
import type { ApiKeyPorts } from '../../../../lambdas/api-keys/ports.ts';
import { givenEvent } from '../../api/given-event.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryAnswerStore } from '../../../fakes/answer-store.ts';
import { MemoryKeyUses } from '../../../fakes/key-uses.ts';
import { MemoryTenantStore } from '../../../fakes/tenant-store.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';

const all = 'domains messages keys';
let tenants: MemoryTenantStore;
let keyUses: MemoryKeyUses;
let tenant: TenantId;
let other: TenantId;
let count: number;
let bus: MemoryEventBus;
let ports: ApiKeyPorts & AnswerPorts;

beforeEach(async () => {
  tenants = new MemoryTenantStore();
  keyUses = new MemoryKeyUses();
  tenant = givenTenant();
  other = givenTenant();
  count = 0;
  bus = new MemoryEventBus();
  ports = {
    bus,
    answers: new MemoryAnswerStore(),
    tenants,
    keyUses,
    clock: { now: () => new Date(Date.UTC(2026, 10, 20, 10, 0, count)) },
    random: { bytes: (size) => new Uint8Array(size).fill((count += 1)) },
  };
  for (const id of [tenant, other]) {
    await tenants.create(
      { id, name: id, createdAt: '2026-11-01T00:00:00.000Z' },
      {
        hash: hashApiKey(id),
        tenant: id,
        prefix: 'sd_first',
        scopes: ['domains'],
        createdAt: '2026-11-01T00:00:00.000Z',
      },
    );
  }
});

async function call(
  method: string,
  path: string,
  {
    as = tenant,
    scopes = all,
    key,
    body,
  }: { as?: TenantId; scopes?: string; key?: string; body?: unknown } = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const event = givenEvent({
    method,
    path,
    caller: { tenant: as, scopes, ...(key === undefined ? {} : { key }) },
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const { statusCode, body: text } = await answer(event, ports, (error) => {
    throw error;
  });
  return {
    status: statusCode as number,
    body: JSON.parse(text as string) as Record<string, unknown>,
  };
}

async function issue(body: unknown = { name: 'shop', scopes: ['messages'] }, options = {}) {
  const issued = await call('POST', '/v1/api-keys', { body, ...options });
  return { ...issued, body: issued.body as ApiKeyDocument & { key: string } };
}
const listed = async (as = tenant) =>
  (await call('GET', '/v1/api-keys', { as })).body['keys'] as ApiKeyDocument[];

describe('API keys', () => {
  test('a key that is made is shown once, found by its hash alone, and listed without itself', async () => {
    const { status, body } = await issue();
    expect(status).toBe(201);
    expect(isApiKey(body.key)).toBe(true);
    expect(await tenants.keyByHash(hashApiKey(body.key))).toMatchObject({
      tenant,
      scopes: ['messages'],
    });
    const keys = await listed();
    expect(keys.map(({ name }) => name)).toEqual(['shop', null]);
    expect(JSON.stringify(keys)).not.toContain(body.key);
  });

  test('a key may be strict, which is stored and shown', async () => {
    const { body } = await issue({ name: 'x', scopes: ['messages'], strict: true });
    expect(body.strict).toBe(true);
    expect(await tenants.keyByHash(hashApiKey(body.key))).toMatchObject({ strict: true });
    const loose = await issue();
    expect(loose.body.strict).toBe(false);
    expect(await tenants.keyByHash(hashApiKey(loose.body.key))).not.toHaveProperty('strict');
    expect((await listed()).map(({ strict }) => strict)).toEqual([false, true, false]);
  });

  test('no key can do more than the one that made it', async () => {
    const { status, body } = await issue(
      { name: 'x', scopes: ['keys', 'domains'] },
      { scopes: 'keys' },
    );
    expect(status).toBe(403);
    expect(body).toMatchObject({ code: 'forbidden' });
    expect(await listed()).toHaveLength(1);
  });

  test('a revoked key says since when, and revoking again changes nothing', async () => {
    const { body } = await issue();
    const first = await call('DELETE', `/v1/api-keys/${body.id}`);
    expect(first).toMatchObject({ status: 200, body: { revokedAt: expect.any(String) } });
    count += 10;
    expect(await call('DELETE', `/v1/api-keys/${body.id}`)).toEqual(first);
    expect((await tenants.keyByHash(body.id))?.revokedAt).toBe(first.body['revokedAt']);
  });

  test("another's key is not found, like a missing one, and stays", async () => {
    const theirs = await call('DELETE', `/v1/api-keys/${hashApiKey(other)}`);
    const nobodys = await call('DELETE', `/v1/api-keys/${'0'.repeat(64)}`);
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(nobodys);
    expect((await listed(other))[0]?.revokedAt).toBeNull();
  });

  test('each key that is made or revoked is an event, which has no key', async () => {
    const { body } = await issue({ name: 'Build server', scopes: ['domains'] });
    await call('DELETE', `/v1/api-keys/${body['id']}`);
    await call('DELETE', `/v1/api-keys/${body['id']}`);
    const data = { key: body['id'], name: 'Build server', prefix: body['prefix'] };
    const [made, gone, again] = bus.events;
    expect(made).toMatchObject({ type: 'api_key.created', tenant, data });
    expect(gone).toMatchObject({ type: 'api_key.revoked', tenant, data });
    expect(again).toEqual(gone);
    expect(JSON.stringify(bus.events)).not.toContain(body['key']);
  });

  test('without the scope nothing is listed, made or revoked', async () => {
    const scopes = 'domains messages';
    expect((await call('GET', '/v1/api-keys', { scopes })).status).toBe(403);
    expect((await issue(undefined, { scopes })).status).toBe(403);
    expect((await call('DELETE', `/v1/api-keys/${hashApiKey(tenant)}`, { scopes })).status).toBe(
      403,
    );
  });

  test.each([
    {},
    { name: 'x' },
    { name: 'x', scopes: [] },
    { name: 'x', scopes: ['all'] },
    { name: 'x', scopes: ['keys', 'keys'] },
    { name: '  ', scopes: ['keys'] },
    { name: 'x'.repeat(65), scopes: ['keys'] },
    { name: 'x', scopes: ['keys'], tenant: 't_other' },
  ])('%j is refused', async (body) => {
    expect(await issue(body)).toMatchObject({ status: 400, body: { code: 'invalid-body' } });
  });

  test('there are so many at most, revoked ones not counted', async () => {
    for (let made = 1; made < LIVE_KEYS; made += 1) expect((await issue()).status).toBe(201);
    expect(await issue()).toMatchObject({ status: 409, body: { code: 'too-many-api-keys' } });
    await call('DELETE', `/v1/api-keys/${hashApiKey(tenant)}`);
    expect((await issue()).status).toBe(201);
  });
});
