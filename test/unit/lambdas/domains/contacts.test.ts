import { beforeEach, describe, expect, test, vi } from 'vitest';
import { contactIdOf } from '#shared/core/model/contact.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenTestEnvironment } from './test-environment.ts';

const json = { 'content-type': 'application/json' };
const names = ['one.example', 'two.example'];

let env: ReturnType<typeof givenTestEnvironment>;
beforeEach(async () => {
  env = givenTestEnvironment();
  for (const name of names) await env.claim(name);
});

const send = (method: string, path: string, body: object = {}, as = env.tenant) =>
  env.ask(method, path, { as, headers: json, body: JSON.stringify(body) });
/** Without an API key, as the page asks. */
const open = (path: string, body: object) =>
  env.ask('POST', `/v1/hand-over${path}`, {
    caller: null,
    headers: json,
    body: JSON.stringify(body),
  });
const given = { email: 'Ann@Agency.example', name: 'Ann', language: 'de', domains: names };

async function givenContact(): Promise<string> {
  const { status, body } = await send('POST', '/v1/contacts', given);
  expect(status).toBe(201);
  return `/v1/contacts/${String(body['id'])}`;
}
async function givenLink(path: string, mail = false) {
  const { status, body } = await send('POST', `${path}/links`, { mail });
  expect(status).toBe(201);
  const url = new URL(String(body['url']));
  expect([url.pathname, url.search]).toEqual(['/v1/hand-over', '?lang=de']);
  return { token: url.hash.slice(1), body };
}

describe('a contact', () => {
  test('is one for its address, with all its domains', async () => {
    const path = await givenContact();
    await env.claim('three.example');
    const again = { email: 'ann@agency.example', domains: ['three.example'] };
    expect((await send('POST', '/v1/contacts', again)).status).toBe(201);
    const { body } = await send('GET', path);
    expect(body).toMatchObject({
      email: 'ann@agency.example',
      name: 'Ann',
      language: 'de',
      links: [],
      mails: [],
      nextMailAt: null,
      ended: null,
    });
    expect((body['domains'] as { name: string }[]).map(({ name }) => name).toSorted()).toEqual([
      'one.example',
      'three.example',
      'two.example',
    ]);
    expect((await send('GET', '/v1/contacts')).body).toMatchObject({
      contacts: [body],
      cursor: null,
    });
  });

  test('is of domains that are there, and each problem says which', async () => {
    const missing = await send('POST', '/v1/contacts', { ...given, domains: ['other.example'] });
    expect([missing.status, missing.body['code']]).toEqual([404, 'not-found']);
    expect((await send('GET', '/v1/contacts')).body).toMatchObject({ contacts: [] });
    for (const wrong of [{ email: 'no address' }, { language: 'xx' }, { domains: [] }]) {
      expect((await send('POST', '/v1/contacts', { ...given, ...wrong })).status).toBe(400);
    }
  });

  test('is another tenant’s neither to read, to hand over to, nor to revoke', async () => {
    const path = await givenContact();
    const other = givenTenant();
    for (const [method, to] of [
      ['GET', path],
      ['POST', `${path}/links`],
      ['DELETE', `${path}/links`],
    ] as const) {
      expect([method, (await send(method, to, { mail: false }, other)).status]).toEqual([
        method,
        404,
      ]);
    }
    expect((await send('POST', '/v1/contacts', given, other)).status).toBe(404);
  });
});

describe('the link of a contact', () => {
  test('opens all of their domains, and nothing else', async () => {
    const { token, body } = await givenLink(await givenContact());
    expect(body['contact']).toMatchObject({ links: [{ openedAt: null }], nextMailAt: null });
    await env.claim('mine.example');
    const all = await open('', { token });
    expect(all.body).toMatchObject({ name: 'Ann', reminds: false });
    expect((all.body['domains'] as { name: string }[]).map(({ name }) => name)).toEqual(names);
    for (const domain of names) {
      const own = (await env.ask('GET', `/v1/domains/${domain}`)).body;
      expect((await open('/records', { token, domain })).body).toMatchObject({
        name: domain,
        records: own.records,
      });
      expect((await open('/checks', { token, domain })).status).toBe(200);
    }
    for (const path of ['/records', '/checks', '/domain-connect']) {
      expect((await open(path, { token, domain: 'mine.example' })).status).toBe(404);
    }
  });

  test('is seen to be opened, lasts 180 days, and is renewed by the next one', async () => {
    const path = await givenContact();
    const first = await givenLink(path);
    env.pass(3_600);
    await open('', { token: first.token });
    env.pass(100 * 86_400);
    const second = await givenLink(path);
    const { links } = (await send('GET', path)).body as unknown as {
      links: { openedAt: string | null; expiresAt: string }[];
    };
    expect(links.map(({ openedAt }) => openedAt)).toEqual(['2026-11-20T11:00:00.000Z', null]);
    expect(new Set(links.map(({ expiresAt }) => expiresAt)).size).toBe(1);
    env.pass(179 * 86_400);
    for (const { token } of [first, second]) expect((await open('', { token })).status).toBe(200);
    env.pass(2 * 86_400);
    for (const { token } of [first, second]) expect((await open('', { token })).status).toBe(404);
  });

  test('that is revoked opens nothing, and no mail is to come', async () => {
    const path = await givenContact();
    const links = [await givenLink(path), await givenLink(path, true)];
    const { body } = await send('DELETE', `${path}/links`);
    expect(body).toMatchObject({ links: [], nextMailAt: null, ended: { why: 'revoked' } });
    for (const { token } of links) expect((await open('', { token })).status).toBe(404);
    expect(await env.ports.handOvers.byLink('x')).toBeUndefined();
  });

  test('leaves nothing in the store that opens it', async () => {
    const path = await givenContact();
    const { token } = await givenLink(path);
    const stored = await env.handOvers.get(env.tenant, contactIdOf(env.tenant, given.email));
    expect(JSON.stringify(stored)).not.toContain(token);
    expect(JSON.stringify((await send('GET', path)).body)).not.toContain(token);
  });

  test('ends with the domain: one that is deleted is not shown', async () => {
    const { token } = await givenLink(await givenContact());
    await env.ask('DELETE', '/v1/domains/one.example');
    expect((await open('', { token })).body['domains']).toHaveLength(1);
    expect((await open('/records', { token, domain: 'one.example' })).status).toBe(404);
  });
});

describe('mails to a contact', () => {
  test('are due at once, and stopped from the page', async () => {
    const path = await givenContact();
    const { token, body } = await givenLink(path, true);
    expect(body['contact']).toMatchObject({ nextMailAt: env.now(), ended: null });
    expect(await env.handOvers.due(env.now(), 10)).toHaveLength(1);
    expect((await open('', { token })).body['reminds']).toBe(true);
    expect((await open('/reminders', { token })).body).toEqual({ reminds: false });
    expect((await send('GET', path)).body).toMatchObject({
      nextMailAt: null,
      ended: { why: 'stopped' },
    });
    expect(await env.handOvers.due(env.now(), 10)).toEqual([]);
    expect((await open('/reminders', { token })).status).toBe(200);
  });

  test('are not offered where the operator has not set them up', async () => {
    Object.assign(env.ports, { mailsContacts: false });
    const { status, body } = await send('POST', `${await givenContact()}/links`, { mail: true });
    expect([status, body['code']]).toEqual([409, 'mail-not-offered']);
  });

  test('have a budget, so that nobody mails strangers by our domain', async () => {
    const path = await givenContact();
    for (let count = 0; count < 50; count += 1) await givenLink(path, true);
    const { status, body } = await send('POST', `${path}/links`, { mail: true });
    expect([status, body['budget']]).toEqual([429, 'hand-over-mails-day']);
  });
});

const as = (caller: object, method: string, path: string) =>
  env.ask(method, path, {
    caller: { scopes: 'domains', ...caller },
    headers: json,
    body: '{"mail":false}',
  });

test('a link that is opened too often has no domain read', async () => {
  const { token } = await givenLink(await givenContact());
  for (let count = 0; count < 200; count += 1) await open('', { token });
  const reads = vi.spyOn(env.ports.claims, 'getHeld');
  const { status, body } = await open('', { token });
  expect([status, body['budget']]).toEqual([429, 'shared-calls-minute']);
  expect(reads).not.toHaveBeenCalled();
});

describe('contacts of a platform', () => {
  const platform = 'p_platform' as PlatformId;
  const email = given.email;
  const others: TenantId[] = [];
  beforeEach(async () => {
    others.splice(0, 2, env.tenant, givenTenant());
    for (const [index, tenant] of others.entries()) {
      if (index === 1) await env.claim(names[1], { as: tenant });
      const contact = {
        id: contactIdOf(platform, email),
        owner: platform,
        email,
        createdAt: env.now(),
      };
      await env.contacts.assign(contact, { tenant, domain: names[index] as never });
    }
  });
  const path = `/v1/contacts/${contactIdOf(platform, email)}`;

  test('are the platform’s own: its link opens the domains of all its tenants', async () => {
    const { status, body } = await as({ platform }, 'POST', `${path}/links`);
    expect(status).toBe(201);
    const token = new URL(String(body['url'])).hash.slice(1);
    expect((await open('', { token })).body['domains']).toHaveLength(2);
    expect((await as({ platform }, 'GET', '/v1/contacts')).body['contacts']).toHaveLength(1);
  });

  test('are hidden from all that is bound to one tenant, a token of a page too', async () => {
    for (const tenant of others) {
      for (const caller of [
        { tenant },
        { tenant, platform },
        { tenant, platform, token: 'true' },
      ]) {
        expect((await as(caller, 'GET', path)).status).toBe(404);
        expect((await as(caller, 'POST', `${path}/links`)).status).toBe(404);
        expect((await as(caller, 'GET', '/v1/contacts')).body['contacts']).toEqual([]);
      }
    }
    // Nor can a tenant say that somebody else runs the DNS of such a domain.
    const { status, body } = await send('POST', '/v1/contacts', { ...given, domains: [names[0]] });
    expect([status, body['code']]).toEqual([403, 'forbidden']);
  });
});
