import { beforeEach, expect, test } from 'vitest';
import { revokePlatformKey } from '../../../../cli/platforms.ts';
import { answerPreflight } from '../../../../lambdas/preflight/answer-preflight.ts';
import { givenPlatforms, type Platforms } from './test-environment.ts';

const origin = 'https://app.example';
let platforms: Platforms;
let shop: string;
let tenant: string;
beforeEach(async () => {
  platforms = await givenPlatforms();
  shop = platforms.shop.key;
  const made = await platforms.ask(shop, 'POST', '/v1/tenants', { externalId: 'c-1' });
  tenant = made.body.id;
});

const allow = (...origins: string[]) => platforms.ask(shop, 'PATCH', '/v1/platform', { origins });
const issue = (body: object = {}) => platforms.ask(shop, 'POST', '/v1/tenants/c-1/tokens', body);

const preflight = (headers: Record<string, string>) =>
  answerPreflight({ headers }, platforms.ports);

test('a token is for a tenant, its domains and scopes, and a page of the platform', async () => {
  await allow(origin, 'http://localhost:5173');
  const { status, body } = await issue({ domains: ['A.Example', 'b.example'] });
  expect({ status, body }).toMatchObject({
    status: 201,
    body: {
      tenant,
      scopes: ['domains:read'],
      domains: ['a.example', 'b.example'],
      origins: [origin, 'http://localhost:5173'],
      expiresAt: '2026-11-20T11:00:00.000Z',
    },
  });
  expect(await platforms.identify(body.token, { origin })).toEqual({
    tenant,
    platform: platforms.shop.platform.id,
    scopes: 'domains:read',
    token: 'true',
    domains: 'a.example b.example',
    origin,
  });
});

test('a token is refused in pages of other origins, in none, and for another tenant', async () => {
  await allow(origin);
  const { token } = (await issue()).body;
  for (const other of ['https://evil.example', 'https://app.example.evil.example', 'null']) {
    expect(await platforms.identify(token, { origin: other })).toMatchObject({ refused: 'origin' });
  }
  expect(await platforms.identify(token)).toMatchObject({ refused: 'origin' });
  expect(await platforms.identify(token, { origin, tenant })).toMatchObject({
    refused: 'tenant-field',
  });
});

test('a token ends after its hour, to the millisecond, and never lasts longer', async () => {
  await allow(origin);
  const { token } = (await issue()).body;
  platforms.pass(3_599_999);
  expect(await platforms.identify(token, { origin })).toMatchObject({ tenant });
  platforms.pass(1);
  expect(await platforms.identify(token, { origin })).toBeUndefined();
  expect((await issue({ seconds: 3_601 })).status).toBe(400);
});

test('a token ends with the key that made it', async () => {
  await allow(origin);
  const { token } = (await issue()).body;
  await revokePlatformKey(shop, platforms.ports);
  expect(await platforms.identify(token, { origin })).toBeUndefined();
});

test('a token of a suspended tenant says so', async () => {
  await allow(origin);
  const { token } = (await issue()).body;
  await platforms.ask(shop, 'POST', '/v1/tenants/c-1/suspend', { reason: 'unpaid' });
  expect(await platforms.identify(token, { origin })).toMatchObject({ status: 'suspended' });
});

test('no token is made for origins that the platform does not name', async () => {
  expect(await issue()).toMatchObject({ status: 422, body: { code: 'origin-unknown' } });
  await allow(origin);
  const refused = await issue({ origins: [origin, 'https://evil.example'] });
  expect(refused).toMatchObject({ status: 422, body: { code: 'origin-unknown' } });
  expect(refused.body.detail).toContain('https://evil.example');
});

test.each([
  'http://app.example',
  'https://*.example',
  'https://app.example/path',
  'https://ann@app.example',
  'app.example',
  'javascript:alert(1)',
])('%s is no origin', async (wrong) => {
  expect(await allow(wrong)).toMatchObject({ status: 400, body: { code: 'invalid-body' } });
});

test('a browser may ask from the origins that platforms name, and from no others', async () => {
  await allow(origin);
  expect(await preflight({ origin })).toMatchObject({
    statusCode: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-headers': expect.stringContaining('authorization'),
    },
  });
  for (const headers of [{ origin: 'https://evil.example' }, {}] as Record<string, string>[]) {
    const { headers: answered } = await preflight(headers);
    expect(answered).toEqual({ vary: 'origin' });
  }
  await allow();
  expect((await preflight({ origin })).headers).toEqual({ vary: 'origin' });
});
