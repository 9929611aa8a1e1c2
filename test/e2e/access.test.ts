import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from './support/api.ts';
import { sharedService, type Service } from './support/service.ts';

/** Who may do what, tried against the running service. */
let service: Service;
let owner: Api;
let stranger: Api;
beforeAll(async () => {
  service = await sharedService();
  owner = await service.newTenant(`access ${process.pid}`);
  stranger = await service.newTenant(`access stranger ${process.pid}`);
});
afterAll(() => service?.stop());

interface Issued {
  readonly id: string;
  readonly key: string;
}
const issue = (by: Api, wanted: object) =>
  by.request<Issued>('POST', '/v1/api-keys', { json: { name: 'made', ...wanted } });
const issued = async (by: Api, wanted: object) => {
  const { status, body } = await issue(by, wanted);
  expect(status).toBe(201);
  return { id: body.id, api: new Api(by.base, body.key) };
};
const revoke = (by: Api, id: string) => by.request('DELETE', `/v1/api-keys/${id}?made=true`);
const forbidden = { status: 403, body: { code: 'forbidden' } };

describe('a key', () => {
  test('with a wrong character is known as one, an unknown one is not', async () => {
    const { key } = owner;
    const mistyped = key.slice(0, 20) + (key[20] === 'a' ? 'b' : 'a') + key.slice(21);
    const refused = await new Api(owner.base, mistyped).request('GET', '/v1/domains');
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const unknown = new Api(owner.base, `sd_${'a'.repeat(52)}`);
    expect((await unknown.request('GET', '/v1/domains')).status).toBe(403);
  });

  test('makes and revokes none above its own rights, and takes along what it made', async () => {
    const maker = await issued(owner, { scopes: ['keys', 'domains:read'] });
    const child = await issued(maker.api, { scopes: ['domains:read'] });
    expect(await issue(maker.api, { scopes: ['messages:read'] })).toMatchObject(forbidden);
    const other = await issued(owner, { scopes: ['messages:read'] });
    expect(await revoke(maker.api, other.id)).toMatchObject(forbidden);
    expect((await child.api.request('GET', '/v1/domains')).status).toBe(200);
    expect((await revoke(owner, maker.id)).status).toBe(200);
    for (const { api } of [maker, child]) {
      expect((await api.request('GET', '/v1/domains')).status).toBe(403);
    }
  });

  test('bound to a domain, or to other addresses, is refused elsewhere', async () => {
    const scopes = ['domains:read', 'messages:send'];
    const bound = await issued(owner, { scopes, domains: ['bound.access.example'] });
    for (const path of ['/v1/domains', '/v1/domains/other.access.example', '/v1/overview']) {
      expect(await bound.api.request('GET', path), path).toMatchObject(forbidden);
    }
    expect((await bound.api.request('GET', '/v1/domains/bound.access.example')).status).toBe(404);
    const mail = 'From: a@other.access.example\r\nTo: success@simulator.amazonses.com\r\n\r\nx\r\n';
    expect((await bound.api.send(mail)).body).toMatchObject({ code: 'from-refused' });
    const elsewhere = await issued(owner, { scopes, addresses: ['198.51.100.0/24'] });
    expect(await elsewhere.api.request('GET', '/v1/domains')).toMatchObject(forbidden);
  });

  test('for domains reads no recipients by way of a webhook', async () => {
    const domains = await issued(owner, { scopes: ['domains'] });
    const json = { url: 'https://hooks.example/access', events: ['message.bounced'] };
    expect(await domains.api.request('POST', '/v1/webhooks', { json })).toMatchObject(forbidden);
  });
});

test('a stranger who invites somebody first keeps nobody, and fills no mailbox', async () => {
  const email = `bob-${process.pid}@access.example`;
  const invite = (by: Api) => by.request('POST', '/v1/users', { json: { email, role: 'owner' } });
  expect((await invite(stranger)).status).toBe(201);
  expect((await invite(owner)).status).toBe(201);
  expect((await invite(stranger)).status).toBe(429);
  const invited = [{ email, state: 'invited', role: 'owner' }];
  for (const api of [stranger, owner]) {
    expect((await api.request('GET', '/v1/users')).body).toMatchObject({ users: invited });
  }
  const state = readFileSync(join(service.stateDir, 'cognito.json'), 'utf8');
  const [pool] = Object.values(JSON.parse(state) as Record<string, { users: object[] }>);
  const user = pool?.users.find((one) => JSON.stringify(one).includes(email));
  expect(user).toMatchObject({
    groups: [],
    invitations: 2,
    mail: { subject: expect.stringContaining(`access ${process.pid}`) as string },
  });
});
