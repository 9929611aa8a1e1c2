import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlatform, revokePlatformKey } from '../../cli/platform.ts';
import { Api } from './support/api.ts';
import { sharedService, type Service } from './support/service.ts';

const origin = 'https://app.example';
let service: Service;
let shop: Api;
let press: Api;

beforeAll(async () => {
  service = await sharedService();
  const where = { state: service.stateDir };
  const unique = process.pid;
  const { api } = service.local.endpoints;
  shop = new Api(api, (await createPlatform(`shop ${unique}`, where)).key);
  press = new Api(api, (await createPlatform(`press ${unique}`, where)).key);
});
afterAll(() => service?.stop());

const acting = (tenant: string) => ({ 'sender-domains-tenant': tenant });

describe('a platform', () => {
  test('makes a tenant, claims a domain for it, and has a key made for it', async () => {
    const made = await shop.request<{ id: string }>('POST', '/v1/tenants', {
      json: { externalId: 'c-1', name: 'Acme' },
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/tenants/${made.body.id}`);
    const claimed = await shop.claim('platform-one.example', acting('c-1'));
    expect(claimed.status).toBe(201);
    const issued = await shop.request<{ key: string }>('POST', '/v1/api-keys', {
      json: { name: 'own', scopes: ['domains'] },
      headers: acting(made.body.id),
    });
    const own = new Api(shop.base, issued.body.key);
    const listed = await own.request<{ domains: { name: string }[] }>('GET', '/v1/domains');
    expect(listed.body.domains.map(({ name }) => name)).toEqual(['platform-one.example']);
    const refused = await own.request('GET', '/v1/domains', { headers: acting('c-1') });
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('acts for no tenant of another, and for none that it does not name', async () => {
    const tenant = await service.ownTenant();
    for (const given of [tenant, 'c-1', 'nothing']) {
      const other = await press.request('GET', '/v1/domains', { headers: acting(given) });
      expect(other).toMatchObject({ status: 404, body: { code: 'tenant-not-found' } });
    }
    const unnamed = await press.request('GET', '/v1/domains');
    expect(unnamed).toMatchObject({ status: 400, body: { code: 'tenant-required' } });
  });

  test('suspends a tenant, whose key then only reads', async () => {
    await shop.request('POST', '/v1/tenants', { json: { externalId: 'c-2' } });
    await shop.request('POST', '/v1/tenants/c-2/suspend', { json: { reason: 'unpaid' } });
    const refused = await shop.claim('platform-two.example', acting('c-2'));
    expect(refused).toMatchObject({ status: 403, body: { code: 'account-suspended' } });
    await shop.request('POST', '/v1/tenants/c-2/resume', { json: {} });
    expect((await shop.claim('platform-two.example', acting('c-2'))).status).toBe(201);
  });

  test('is refused once its key is revoked, and so are the tokens that it made', async () => {
    const where = { state: service.stateDir };
    const { key } = await createPlatform(`brief ${process.pid}`, where);
    const brief = new Api(shop.base, key);
    await brief.request('POST', '/v1/tenants', { json: { externalId: 'c' } });
    await brief.request('PATCH', '/v1/platform', { json: { origins: [origin] } });
    const { body } = await brief.request<{ token: string }>('POST', '/v1/tenants/c/tokens', {
      json: {},
    });
    const page = new Api(shop.base, body.token);
    const read = () => page.request('GET', '/v1/domains', { headers: { origin } });
    expect((await read()).status).toBe(200);
    await revokePlatformKey(key, where);
    expect((await read()).status).toBe(403);
    expect((await brief.request('GET', '/v1/tenants')).status).toBe(403);
  });
});

describe('a page with a token', () => {
  let page: Api;
  beforeAll(async () => {
    await shop.request('POST', '/v1/tenants', { json: { externalId: 'c-3' } });
    await shop.claim('platform-three.example', acting('c-3'));
    await shop.claim('platform-four.example', acting('c-3'));
    await shop.request('PATCH', '/v1/platform', { json: { origins: [origin] } });
    const issued = await shop.request<{ token: string }>('POST', '/v1/tenants/c-3/tokens', {
      json: { domains: ['platform-three.example'] },
    });
    page = new Api(shop.base, issued.body.token);
  });

  const statusOf = async (method: string, path: string, fields: object = { origin }) =>
    (await page.request(method, path, { headers: { ...fields } })).status;

  test('may ask first, as a browser does, and reads the answer', async () => {
    const asked = await fetch(`${shop.base}/v1/domains/platform-three.example`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    const read = await page.request('GET', '/v1/domains/platform-three.example', {
      headers: { origin },
    });
    expect(read.status).toBe(200);
    expect(read.headers.get('access-control-allow-origin')).toBe(origin);
  });

  test('reads and checks its domain, and does nothing else', async () => {
    const mine = '/v1/domains/platform-three.example';
    expect([200, 202]).toContain(await statusOf('POST', `${mine}/checks`));
    expect(await statusOf('GET', `${mine}/records`)).toBe(200);
    for (const [method, path] of [
      ['DELETE', mine],
      ['GET', '/v1/domains'],
      ['GET', '/v1/domains/platform-four.example'],
      ['GET', '/v1/records'],
      ['GET', '/v1/limits'],
      ['GET', '/v1/messages?domain=platform-three.example'],
      ['GET', '/v1/api-keys'],
      ['GET', '/v1/tenants'],
      ['GET', '/v1/webhooks'],
    ] as const) {
      expect([method, path, await statusOf(method, path)]).toEqual([method, path, 403]);
    }
    expect(await statusOf('GET', mine, { origin: 'https://evil.example' })).toBe(403);
    expect(await statusOf('GET', mine, {})).toBe(403);
  });

  test('of an origin that no platform names may not even ask', async () => {
    const asked = await fetch(`${shop.base}/v1/domains`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    });
    expect(asked.headers.get('access-control-allow-origin')).toBeNull();
  });
});
