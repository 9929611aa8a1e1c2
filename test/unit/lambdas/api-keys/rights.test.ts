import { beforeEach, describe, expect, test } from 'vitest';
import type { ApiKeyDocument } from '#shared/api/routes/api-keys.ts';
import { allScopes } from '#shared/core/model/scopes.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import { answer } from '../../../../lambdas/api-keys/answer.ts';
import { MemoryAnswerStore } from '../../../fakes/answer-store.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryKeyUses } from '../../../fakes/key-uses.ts';
import { MemoryTenantStore } from '../../../fakes/tenant-store.ts';
import { givenEvent } from '../../api/given-event.ts';

const now = '2026-12-01T10:00:00.000Z';
const tenant = givenTenant();
const first: ApiKey = {
  hash: 'f'.repeat(64),
  tenant,
  prefix: 'sd_first',
  scopes: [...allScopes],
  createdAt: '2026-11-01T00:00:00.000Z',
};
let tenants: MemoryTenantStore;
let keyUses: MemoryKeyUses;
let made: number;

beforeEach(async () => {
  tenants = new MemoryTenantStore();
  keyUses = new MemoryKeyUses();
  made = 0;
  await tenants.create({ id: tenant, name: 'Acme', createdAt: now }, first);
});

/** Calls as the key with this id. */
async function call(key: string, method: string, path: string, body?: unknown) {
  const caller = (await tenants.keyByHash(key)) as ApiKey;
  const [rawPath = '', query] = path.split('?');
  const event = givenEvent({
    method,
    path: rawPath,
    caller: { tenant, key, scopes: caller.scopes.join(' ') },
    ...(query === undefined ? {} : { query: Object.fromEntries(new URLSearchParams(query)) }),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const ports = {
    answers: new MemoryAnswerStore(),
    tenants,
    bus: { put: async () => {} },
    keyUses,
    clock: { now: () => new Date(now) },
    random: { bytes: (size: number) => new Uint8Array(size).fill((made += 1)) },
  };
  const { statusCode, body: text } = await answer(event, ports, (error) => {
    throw error;
  });
  return { status: statusCode, body: JSON.parse(text ?? '') as ApiKeyDocument & Problem };
}
type Problem = { readonly code: string; readonly detail: string; readonly made: string[] };

const issue = (key: string, body: object) =>
  call(key, 'POST', '/v1/api-keys', { name: 'x', ...body });
const revoke = (key: string, id: string, query = '') =>
  call(key, 'DELETE', `/v1/api-keys/${id}${query}`);

describe('the rights of a key', () => {
  test('may be bound to domains, addresses and a time, in their plain form', async () => {
    const { status, body } = await issue(first.hash, {
      scopes: ['messages:send'],
      domains: ['Shop.Example.', 'shop.example'],
      addresses: ['192.0.2.7', '2001:DB8::/32'],
      expiresAt: '2027-01-01T00:00:00Z',
    });
    expect(status).toBe(201);
    const binding = {
      domains: ['shop.example'],
      addresses: ['192.0.2.7/32', '2001:db8::/32'],
      expiresAt: '2027-01-01T00:00:00.000Z',
    };
    expect(body).toMatchObject({ ...binding, madeBy: { kind: 'key', id: first.hash } });
    expect(await tenants.keyByHash(body.id)).toMatchObject(binding);
  });

  test.each([
    [{ domains: ['localhost'] }, 'domain-invalid'],
    [{ domains: [] }, 'invalid-body'],
    [{ addresses: ['192.0.2.0/33'] }, 'invalid-body'],
    [{ addresses: ['example.com'] }, 'invalid-body'],
    [{ expiresAt: '2026-12-01T09:59:59Z' }, 'invalid-body'],
    [{ expiresAt: 'tomorrow' }, 'invalid-body'],
  ])('are refused where they make no sense: %j', async (binding, code) => {
    const refused = await issue(first.hash, { scopes: ['keys'], ...binding });
    expect(refused.body.code).toBe(code);
    expect(await tenants.keysOf(tenant)).toHaveLength(1);
  });

  test('go no further than those of its maker: scopes, addresses, end', async () => {
    const bound = await issue(first.hash, {
      scopes: ['keys', 'messages:send'],
      addresses: ['192.0.2.0/24'],
      expiresAt: '2027-01-01T00:00:00Z',
    });
    const within = { addresses: ['192.0.2.128/25'], expiresAt: '2026-12-24T00:00:00Z' };
    const refused = [
      { scopes: ['messages:send'] },
      { scopes: ['messages'], ...within },
      { scopes: ['messages:send'], addresses: within.addresses },
      { scopes: ['messages:send'], expiresAt: within.expiresAt },
      { scopes: ['messages:send'], ...within, addresses: ['192.0.0.0/16'] },
      { scopes: ['messages:send'], ...within, addresses: ['192.0.2.1', '::1'] },
      { scopes: ['messages:send'], ...within, expiresAt: '2027-01-01T00:00:01Z' },
    ];
    for (const body of refused) {
      expect((await issue(bound.body.id, body)).body.code, JSON.stringify(body)).toBe('forbidden');
    }
    const issued = await issue(bound.body.id, { scopes: ['messages:send'], ...within });
    expect(issued.status).toBe(201);
  });

  test('are needed to revoke it: a key for keys revokes none with more scopes', async () => {
    const keys = await issue(first.hash, { scopes: ['keys'] });
    const refused = await revoke(keys.body.id, first.hash);
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(refused.body.detail).toContain('domains:read');
    expect((await tenants.keyByHash(first.hash))?.revokedAt).toBeUndefined();
    expect((await revoke(keys.body.id, keys.body.id)).status).toBe(200);
  });

  test('of an old key are those of its sums, so that it revokes what it could before', async () => {
    const old: ApiKey = { ...first, hash: 'a'.repeat(64), scopes: ['domains', 'keys'] };
    await tenants.addKey(old);
    const hooks = await issue(old.hash, { scopes: ['webhooks', 'domains:read'] });
    expect(hooks.status).toBe(201);
    expect((await revoke(old.hash, hooks.body.id)).status).toBe(200);
    expect((await issue(old.hash, { scopes: ['messages:read'] })).status).toBe(403);
  });
});

describe('a revoked maker', () => {
  test('is answered with what it made, which is revoked too where that is asked for', async () => {
    const maker = await issue(first.hash, { scopes: ['keys'] });
    const child = await issue(maker.body.id, { scopes: ['keys'] });
    const grandchild = await issue(child.body.id, { scopes: ['keys'] });
    const other = await issue(first.hash, { scopes: ['keys'] });
    const ids = [child.body.id, grandchild.body.id];

    const offered = await revoke(first.hash, maker.body.id);
    expect(offered.body.made).toEqual(ids);
    for (const id of ids) expect((await tenants.keyByHash(id))?.revokedAt).toBeUndefined();

    const all = await revoke(first.hash, maker.body.id, '?made=true');
    expect(all.body).toMatchObject({ made: [], revokedAt: now });
    for (const id of ids) expect((await tenants.keyByHash(id))?.revokedAt).toBe(now);
    expect((await tenants.keyByHash(other.body.id))?.revokedAt).toBeUndefined();
    expect((await revoke(first.hash, other.body.id, '?made=yes')).body.code).toBe(
      'invalid-parameter',
    );
  });
});

test('the list says when a key was last used, from where, and which one calls', async () => {
  await keyUses.note({ key: first.hash, tenant, at: now, address: '192.0.2.9' });
  const { body } = await issue(first.hash, { scopes: ['keys'] });
  const list = await call(first.hash, 'GET', '/v1/api-keys');
  const shown = (list.body as unknown as { keys: ApiKeyDocument[] }).keys;
  expect(shown.find(({ id }) => id === first.hash)).toMatchObject({
    lastUsed: { at: now, address: '192.0.2.9' },
    madeBy: null,
    self: true,
  });
  expect(shown.find(({ id }) => id === body.id)).toMatchObject({ lastUsed: null, self: false });
});
