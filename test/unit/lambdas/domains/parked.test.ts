import { beforeEach, describe, expect, test } from 'vitest';
import { isParked } from '#shared/core/model/claim.ts';
import { sendPermissions } from '#shared/app/sending/send-permission.ts';
import { givenTestEnvironment } from './test-environment.ts';

let testEnvironment: ReturnType<typeof givenTestEnvironment>;
beforeEach(() => {
  testEnvironment = givenTestEnvironment();
});

const domain = 'example.com' as never;
const path = '/v1/domains/example.com';
const send = (method: string, at: string, body: unknown) =>
  testEnvironment.ask(method, at, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const claim = (more: object = {}) =>
  send('POST', '/v1/domains', { name: 'example.com', purpose: 'parked', ...more });
const stored = async () =>
  (await testEnvironment.claims.get({ tenant: testEnvironment.tenant, domain }))!;

describe('a domain that is claimed with "purpose": "parked"', () => {
  test('has no keys, costs none, and rejects its mail', async () => {
    const { status, body } = await claim();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      purpose: 'parked',
      sending: 'none',
      dkim: { current: null, next: null, rotatesAt: null },
      dmarc: { p: 'reject', sp: 'reject' },
      spf: { mechanisms: [], record: 'v=spf1 -all', lookups: 1 },
    });
    expect(body.records.map(({ id }) => id)).toEqual(['dmarc', 'spf', 'null-mx']);
    expect(testEnvironment.forged).toEqual([]);
    expect((await stored()).keys).toEqual([]);
  });

  test('sends nothing, signed or unsigned', async () => {
    await claim();
    const { tenant, claims } = testEnvironment;
    const allowed = new Set(['example.com']);
    const [permission] = await sendPermissions(claims, allowed, [{ tenant, domain }]);
    expect(permission).toMatchObject({ kind: 'refused', code: 'from-refused' });
  });

  test('needs no SES identity', async () => {
    await claim();
    expect(await testEnvironment.claims.hasClaims(domain)).toBe(false);
  });

  test.each([
    { spf: { add: ['mx'] } },
    { dkim: { disclosure: true } },
    { hosting: 'self' },
    { dmarc: { plan: {} } },
  ])('%j is refused', async (change) => {
    await claim();
    const { status, body } = await send('PATCH', path, change);
    expect([status, body['code']]).toEqual([409, 'domain-parked']);
  });

  test('takes another policy of DMARC', async () => {
    await claim();
    const { status, body } = await send('PATCH', path, { dmarc: { sp: 'none' } });
    expect([status, body.dmarc]).toMatchObject([200, { p: 'reject', sp: 'none' }]);
  });

  test.each(['manual', 'compromise'])('has no key to rotate (%s)', async (reason) => {
    await claim();
    const { status, body } = await send('POST', `${path}/rotations`, { reason });
    expect([status, body['code']]).toEqual([409, 'domain-parked']);
  });

  test('comes back as what it was', async () => {
    const { body: before } = await claim();
    await testEnvironment.ask('DELETE', path);
    const other = await send('POST', '/v1/domains', { name: 'example.com' });
    expect([other.status, other.body['code']]).toEqual([409, 'domain-deleting']);
    const again = await claim();
    expect([again.status, again.body.records]).toEqual([201, before.records]);
  });

  test('cannot host keys', async () => {
    const { status, body } = await claim({ hosting: 'self' });
    expect([status, body['code']]).toEqual([400, 'invalid-body']);
  });
});

test('a claim without a purpose, as all were before, sends', async () => {
  await send('POST', '/v1/domains', { name: 'example.com' });
  const claimed = await stored();
  expect(claimed).not.toHaveProperty('purpose');
  expect([isParked(claimed), claimed.keys.length]).toEqual([false, 3]);
  expect((await testEnvironment.ask('GET', path)).body).toMatchObject({
    purpose: 'sending',
    sending: 'preparing',
  });
});
