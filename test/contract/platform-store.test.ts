import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoPlatformStore } from '#shared/adapters/aws/platform-store.ts';
import { dynamoWebhookStore } from '#shared/adapters/aws/webhook-store.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import type { PlatformStore, PlatformTenant } from '#shared/app/ports/platform-store.ts';
import type { WebhookStore } from '#shared/app/ports/webhook-store.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import { hashPageToken, type PageToken } from '#shared/core/model/page-token.ts';
import { MOST_ORIGINS, type Platform, type PlatformKey } from '#shared/core/model/platform.ts';
import { platformIdOf, type DomainName } from '#shared/core/model/names.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryPlatformStore } from '../fakes/platform-store.ts';
import { MemoryWebhookStore } from '../fakes/webhook-store.ts';
import { MemoryTenantStore } from '../fakes/tenant-store.ts';
import { startDynamo } from '../support/dynamo.ts';

const now = '2026-11-01T00:00:00.000Z';
const givenHash = (): string => randomBytes(32).toString('hex');

const named = (kind: string): string[] =>
  Array.from({ length: MOST_ORIGINS }, (_, index) => `https://${kind}${index}.example`);

function contract(
  make: () => { platforms: PlatformStore; tenants: TenantStore; webhooks: WebhookStore },
) {
  let webhooks: WebhookStore;
  let store: PlatformStore;
  let tenants: TenantStore;
  let platform: Platform;
  let key: PlatformKey;
  const keyOf = (of = platform): PlatformKey => ({
    hash: givenHash(),
    platform: of.id,
    prefix: 'sdp_abcdef',
    createdAt: now,
  });
  const givenPlatform = async (name: string): Promise<Platform> => {
    const made = { id: platformIdOf(randomBytes(16)), name, createdAt: now };
    key = keyOf(made);
    await store.create(made, key);
    return made;
  };
  const tenantOf = (externalId: string, of = platform): PlatformTenant => ({
    id: givenTenant(),
    name: externalId,
    createdAt: now,
    platform: of.id,
    externalId,
  });
  beforeEach(async () => {
    ({ platforms: store, tenants, webhooks } = make());
    platform = await givenPlatform('shop');
  });

  test('a platform and its keys are listed; a key is found by its hash', async () => {
    const second = keyOf();
    await store.addKey(second);
    const listed = (await store.list()).find((one) => one.platform.id === platform.id);
    expect(listed?.platform).toEqual(platform);
    expect(listed?.keys).toEqual(expect.arrayContaining([key, second]));
    expect(listed?.keys).toHaveLength(2);
    expect(await store.get(platform.id)).toEqual(platform);
    expect(await store.keyByHash(key.hash)).toEqual(key);
    expect(await store.keyByHash(givenHash())).toBeUndefined();
    await expect(store.addKey(key)).rejects.toBeInstanceOf(Conflict);
    const nobody = { ...platform, id: platformIdOf(randomBytes(16)) };
    await expect(store.addKey(keyOf(nobody))).rejects.toBeInstanceOf(Refusal);
  });

  test('the first revocation counts', async () => {
    expect(await store.revoke(key.hash, now)).toBe(true);
    await store.revoke(key.hash, '2026-12-01T00:00:00.000Z');
    expect((await store.keyByHash(key.hash))?.revokedAt).toBe(now);
    expect(await store.revoke(givenHash(), now)).toBe(false);
  });

  test('a tenant is stored once under its external id, also by ten at once', async () => {
    const made = await Promise.all(
      Array.from({ length: 10 }, () => store.addTenant(tenantOf('c-1'))),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    const [first] = made as [PlatformTenant];
    expect(await store.tenantOf(platform.id, 'c-1')).toBe(first.id);
    expect(await tenants.get(first.id)).toEqual(first);
    const others = await givenPlatform('press');
    expect(await store.tenantOf(others.id, 'c-1')).toBeUndefined();
    expect((await store.addTenant(tenantOf('c-1', others))).id).not.toBe(first.id);
  });

  test('the webhooks of a platform receive the events of the tenants that it made', async () => {
    const { id } = await store.addTenant(tenantOf('c-1'));
    const webhook = {
      id: `wh_${platform.id}`,
      tenant: platform.id,
      url: 'https://hooks.example.com/',
      events: ['message.bounced'],
      secret: 'whsec_x',
      createdAt: now,
    } as const;
    await webhooks.add(webhook, 10);
    expect(await webhooks.receiving(id)).toEqual([webhook]);
    expect(await webhooks.of(id)).toEqual([]);
    expect(await webhooks.of(platform.id)).toEqual([webhook]);
    expect(await webhooks.receiving(givenTenant())).toEqual([]);
    expect(await webhooks.wantedTypes(id)).toEqual(new Set(['message.bounced']));
    expect(await webhooks.wantedTypes(platform.id)).toEqual(new Set(['message.bounced']));
    expect(await webhooks.platformOf(id)).toEqual({ platform: platform.id, externalId: 'c-1' });
    expect(await webhooks.platformOf(platform.id)).toBeUndefined();
  });

  test('tenants are listed by external id, a page at a time', async () => {
    for (const id of ['c', 'a', 'b']) await store.addTenant(tenantOf(id));
    const page = await store.tenants(platform.id, { limit: 2 });
    expect(page.tenants.map(({ externalId }) => externalId)).toEqual(['a', 'b']);
    const rest = await store.tenants(platform.id, { limit: 2, cursor: page.cursor! });
    expect(rest.tenants.map(({ externalId }) => externalId)).toEqual(['c']);
    expect(rest.cursor).toBeUndefined();
  });

  test('a tenant is changed where it is still what was read', async () => {
    const before = await store.addTenant({
      ...tenantOf('c-1'),
      contacts: [{ email: 'ann@example.com', language: 'de' }],
    });
    const brand = { name: 'Acme', colors: { primary: '#102030' } };
    await tenants.change(before, { name: 'Acme', brand });
    const { contacts: _, ...rest } = before;
    expect(await tenants.get(before.id)).toEqual({ ...rest, name: 'Acme', brand });
    await expect(tenants.change(before, { name: 'Late' })).rejects.toBeInstanceOf(Conflict);
    await tenants.change({ ...before, name: 'Acme', contacts: undefined!, brand }, { name: 'B' });
    expect((await tenants.get(before.id))?.name).toBe('B');
  });

  test('origins are found by whom they are asked for, and replaced where nobody else did', async () => {
    const origin = `https://${givenHash().slice(0, 12)}.example`;
    await store.setOrigins(platform, [origin, 'https://b.example']);
    expect(await store.hasOrigin(origin)).toBe(true);
    const read = (await store.get(platform.id))!;
    expect(read.origins).toEqual([origin, 'https://b.example']);
    await expect(store.setOrigins(platform, [])).rejects.toBeInstanceOf(Conflict);
    await store.setOrigins(read, []);
    expect(await store.hasOrigin(origin)).toBe(false);
  });

  test('as many origins as there may be are replaced by as many others', async () => {
    await store.setOrigins(platform, named('a'));
    const before = (await store.get(platform.id))!;
    await store.setOrigins(before, named('b'));
    expect((await store.get(platform.id))?.origins).toEqual(named('b'));
  });

  test('what is too long for a key is not there', async () => {
    expect(await store.hasOrigin(`https://${'a'.repeat(4_000)}.example`)).toBe(false);
    expect(await store.tenantOf(platform.id, 'c'.repeat(4_000))).toBeUndefined();
  });

  test('a token is found by its hash', async () => {
    const token: PageToken = {
      hash: hashPageToken(givenHash()),
      tenant: givenTenant(),
      platform: platform.id,
      madeBy: key.hash,
      scopes: ['domains:read'],
      domains: ['a.example' as DomainName],
      origins: ['https://app.example'],
      createdAt: now,
      expiresAt: '2026-11-01T01:00:00.123Z',
    };
    await store.addToken(token);
    expect(await store.tokenByHash(token.hash)).toEqual(token);
    expect(await store.tokenByHash(givenHash())).toBeUndefined();
  });
}

describe('platforms in memory', () => {
  contract(() => {
    const tenants = new MemoryTenantStore();
    const webhooks = new MemoryWebhookStore();
    return { tenants, webhooks, platforms: new MemoryPlatformStore(tenants, webhooks) };
  });
});

describe('platforms on DynamoDB', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());
  contract(() => ({
    tenants: dynamoTenantStore(dynamo.client, dynamo.tables.tenants, dynamo.trail),
    platforms: dynamoPlatformStore(dynamo.client, dynamo.tables, dynamo.trail),
    webhooks: dynamoWebhookStore(dynamo.client, dynamo.tables.webhooks, dynamo.trail),
  }));
});
