import { beforeEach, describe, expect, test } from 'vitest';
import { issuePlatformKey, revokePlatformKey } from '../../../../cli/platforms.ts';
import { createTenant } from '../../../../cli/tenants.ts';
import * as operator from '../../../../cli/tenant-state.ts';
import { hashPlatformKey } from '#shared/core/model/platform.ts';
import { allScopes, namesOf } from '#shared/core/model/scopes.ts';
import { givenPlatforms, type Platforms } from './test-environment.ts';

let platforms: Platforms;
let ask: Platforms['ask'];
let shop: string;
let press: string;
beforeEach(async () => {
  platforms = await givenPlatforms();
  ({ ask } = platforms);
  shop = platforms.shop.key;
  press = platforms.press.key;
});

const make = (externalId = 'c-1', more: object = {}) =>
  ask(shop, 'POST', '/v1/tenants', { externalId, ...more });

describe('a platform', () => {
  test('makes a tenant once for each external id, whatever else is sent again', async () => {
    const contacts = [{ email: 'dns@agency.example', language: 'de' }];
    const brand = { name: 'Acme', colors: { primary: '#102030' } };
    const first = await make('c-1', { name: 'Acme', contacts, brand });
    expect(first).toMatchObject({
      status: 201,
      body: { externalId: 'c-1', name: 'Acme', status: 'active', contacts, brand },
    });
    expect(await make('c-1', { name: 'Other' })).toEqual(first);
    expect((await make('c-2')).body).toMatchObject({ name: 'c-2', contacts: [], brand: null });
    const listed = await ask(shop, 'GET', '/v1/tenants?limit=1');
    expect(listed.body.tenants).toEqual([first.body]);
    const rest = await ask(shop, 'GET', `/v1/tenants?cursor=${listed.body.cursor}`);
    expect(rest.body).toMatchObject({ tenants: [{ externalId: 'c-2' }], cursor: null });
  });

  test.each([
    ['', 'it is empty'],
    ['two words', 'visible ASCII'],
    ['ä', 'visible ASCII'],
    [`t_${'a'.repeat(26)}`, 'the form of an id'],
  ])('is refused the external id %j', async (externalId, why) => {
    const refused = await make(externalId);
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid-body' } });
    expect(refused.body.detail).toContain(why);
    expect((await ask(shop, 'GET', '/v1/tenants')).body.tenants).toEqual([]);
  });

  test('reads and changes its tenants by id and by external id', async () => {
    const { id } = (await make('c/1', { brand: { name: 'Acme' } })).body;
    const contacts = [{ email: 'ann@example.com', name: 'Ann' }];
    const path = `/v1/tenants/${encodeURIComponent('c/1')}`;
    const changed = await ask(shop, 'PATCH', path, { name: 'New', contacts });
    expect(changed.body).toMatchObject({ id, name: 'New', contacts, brand: { name: 'Acme' } });
    const none = await ask(shop, 'PATCH', `/v1/tenants/${id}`, { brand: null, contacts: null });
    expect(none.body).toMatchObject({ name: 'New', contacts: [], brand: null });
    expect((await ask(shop, 'GET', path)).body).toEqual(none.body);
  });

  test('suspends, resumes and closes its tenants', async () => {
    const { id } = (await make()).body;
    const { key } = await operatorKey(id);
    const statusOf = async () => (await platforms.identify(key))?.status ?? 'active';
    const suspended = await ask(shop, 'POST', '/v1/tenants/c-1/suspend', { reason: 'unpaid' });
    expect(suspended.body).toMatchObject({
      status: 'suspended',
      statusReason: 'unpaid',
      statusBy: 'platform',
    });
    expect(await statusOf()).toBe('suspended');
    expect((await ask(shop, 'POST', '/v1/tenants/c-1/resume', {})).body.status).toBe('active');
    expect(await statusOf()).toBe('active');
    await ask(shop, 'POST', '/v1/tenants/c-1/close', { reason: 'left' });
    expect(await statusOf()).toBe('closed');
    const late = await ask(shop, 'POST', '/v1/tenants/c-1/suspend', { reason: 'x' });
    expect(late).toMatchObject({ status: 403, body: { code: 'account-closed' } });
    expect((await ask(shop, 'POST', '/v1/tenants/c-1/resume', {})).body.status).toBe('active');
  });

  test('does not undo what the operator decided, not even by closing and resuming', async () => {
    const { id } = (await make()).body;
    await operator.suspendTenant(id, 'spam', platforms.ports);
    const resume = () => ask(shop, 'POST', '/v1/tenants/c-1/resume', {});
    expect(await resume()).toMatchObject({ status: 409, body: { code: 'operators-decision' } });
    const again = await ask(shop, 'POST', '/v1/tenants/c-1/suspend', { reason: 'mine' });
    expect(again.body).toMatchObject({ statusReason: 'spam', statusBy: 'operator' });
    expect((await resume()).status).toBe(409);
    await ask(shop, 'POST', '/v1/tenants/c-1/close', { reason: 'mine' });
    expect((await resume()).status).toBe(409);
    expect((await ask(shop, 'GET', '/v1/tenants/c-1')).body.statusBy).toBe('operator');
    await operator.resumeTenant(id, {}, platforms.ports);
    expect((await ask(shop, 'GET', '/v1/tenants/c-1')).body.status).toBe('active');
  });
});

const operatorKey = async (id: string) => {
  const { issueKey } = await import('../../../../cli/tenants.ts');
  return issueKey(id, platforms.ports);
};

describe('keys of a platform', () => {
  test('see the tenants of each other, and act for them by id and by external id', async () => {
    const { id } = (await make()).body;
    const { key } = await issuePlatformKey('shop', platforms.ports);
    for (const tenant of [id, 'c-1']) {
      expect(await platforms.identify(key, { tenant })).toEqual({
        tenant: id,
        platform: platforms.shop.platform.id,
        key: hashPlatformKey(key),
        scopes: namesOf(allScopes),
      });
    }
    expect((await ask(key, 'GET', '/v1/tenants')).body.tenants).toHaveLength(1);
  });

  test('are refused once they are revoked', async () => {
    await make();
    await revokePlatformKey(shop, platforms.ports);
    expect(await platforms.identify(shop)).toBeUndefined();
    expect(await platforms.identify(shop, { tenant: 'c-1' })).toBeUndefined();
  });

  test('act for no tenant of another platform, or of the operator, and learn nothing of them', async () => {
    const { id } = (await make()).body;
    const { tenant: operators } = await createTenant('operators', platforms.ports);
    const none = `t_${'a'.repeat(26)}`;
    const answers = [];
    for (const given of [id, operators.id, none, 'c-1', 'nothing']) {
      expect(await platforms.identify(press, { tenant: given })).toEqual({
        platform: platforms.press.platform.id,
        key: hashPlatformKey(press),
        scopes: '',
        refused: 'unknown-tenant',
      });
      for (const [method, path, body] of [
        ['GET', ''],
        ['PATCH', '', { name: 'mine' }],
        ['POST', '/suspend', { reason: 'x' }],
        ['POST', '/resume', {}],
        ['POST', '/close', { reason: 'x' }],
        ['POST', '/tokens', {}],
      ] as const) {
        const { status, body: answered } = await ask(
          press,
          method,
          `/v1/tenants/${given}${path}`,
          body,
        );
        answers.push({ status, detail: answered.detail.replace(given, 'ID') });
      }
    }
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
    expect((await ask(press, 'GET', '/v1/tenants')).body.tenants).toEqual([]);
    // The same external id is another tenant there.
    const theirs = await ask(press, 'POST', '/v1/tenants', { externalId: 'c-1' });
    expect(theirs.body.id).not.toBe(id);
    expect((await ask(shop, 'GET', '/v1/tenants/c-1')).body).toMatchObject({ id, name: 'c-1' });
  });

  test("a tenant's own key says nothing about whom it acts for", async () => {
    const { id } = (await make()).body;
    const { key } = await operatorKey(id);
    expect(await platforms.identify(key, { tenant: id })).toMatchObject({
      refused: 'tenant-field',
    });
    expect(await ask(key, 'GET', '/v1/tenants')).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });

  test('that act for a suspended tenant see that it is', async () => {
    await make();
    await ask(shop, 'POST', '/v1/tenants/c-1/suspend', { reason: 'unpaid' });
    expect(await platforms.identify(shop, { tenant: 'c-1' })).toMatchObject({
      status: 'suspended',
    });
  });
});
