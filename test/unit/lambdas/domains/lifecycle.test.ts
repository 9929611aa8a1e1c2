import { describe, expect, test } from 'vitest';
import { newMemory } from '#shared/core/model/check.ts';
import { lostClaim, type Claim } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { checkDomain } from '../../../../lambdas/domains/check-domain.ts';
import { parseZoneFile } from '../../../../local/dns/zone-file.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenTestEnvironment } from './test-environment.ts';

const domain = 'example.com' as DomainName;
const path = '/v1/domains/example.com';

async function givenDomain() {
  const testEnvironment = givenTestEnvironment();
  await testEnvironment.claim(domain);
  const stored = async () =>
    (await testEnvironment.claims.get({ tenant: testEnvironment.tenant, domain })) as Claim;
  return { testEnvironment, stored };
}
const verified = (claim: Claim): Claim => ({
  ...claim,
  version: claim.version + 1,
  status: 'verified',
  verifiedAt: claim.createdAt,
});

describe('GET', () => {
  test('finds the domain under every spelling of its name', async () => {
    const { testEnvironment } = await givenDomain();
    for (const name of ['example.com', 'EXAMPLE.com.', 'example%2Ecom']) {
      expect((await testEnvironment.ask('GET', `/v1/domains/${name}`)).body.name).toBe(domain);
    }
  });

  test('of what is not there is 404, the same whether or not another tenant has it', async () => {
    const { testEnvironment } = await givenDomain();
    const other = givenTenant();
    const taken = await testEnvironment.ask('GET', path, { as: other });
    const { testEnvironment: empty } = { testEnvironment: givenTestEnvironment() };
    expect(taken.status).toBe(404);
    expect(taken).toEqual(await empty.ask('GET', path));
    for (const [method, suffix] of [
      ['DELETE', ''],
      ['POST', '/checks'],
      ['GET', '/records'],
    ] as const) {
      const asked = await testEnvironment.ask(method, path + suffix, { as: other });
      expect([asked.status, asked.text]).toEqual([404, taken.text]);
    }
    expect((await testEnvironment.ask('GET', path)).body.lifecycle).toBe('live');
  });

  test('of what cannot be a domain is 404 and says why', async () => {
    const { status, body } = await givenTestEnvironment().ask('GET', '/v1/domains/exa_mple.com');
    expect(status).toBe(404);
    expect(body['detail']).toContain('exa_mple.com');
  });

  test('lists page by page, with the limits of a page', async () => {
    const { testEnvironment } = await givenDomain();
    await testEnvironment.claim('example.org');
    const first = await testEnvironment.ask('GET', '/v1/domains', { query: { limit: '1' } });
    expect(first.body['domains']).toMatchObject([{ name: 'example.com' }]);
    const second = await testEnvironment.ask('GET', '/v1/domains', {
      query: { limit: '1', cursor: String(first.body['cursor']) },
    });
    expect(second.body).toMatchObject({ domains: [{ name: 'example.org' }], cursor: null });
    expect((await testEnvironment.ask('GET', '/v1/domains')).body['domains']).toHaveLength(2);
    expect((await testEnvironment.ask('GET', '/v1/domains', { as: givenTenant() })).body).toEqual({
      domains: [],
      cursor: null,
    });
    for (const limit of ['0', '101', '1.5', 'x', '', '1,2', '-1']) {
      const { status, body } = await testEnvironment.ask('GET', '/v1/domains', {
        query: { limit },
      });
      expect([status, body['code']]).toEqual([400, 'invalid-parameter']);
    }
    const foreign = { as: givenTenant(), query: { cursor: String(first.body['cursor']) } };
    expect((await testEnvironment.ask('GET', '/v1/domains', foreign)).body['code']).toBe(
      'invalid-cursor',
    );
  });

  test('shows identity, last check and parked publication of each domain of a page', async () => {
    const { testEnvironment, stored } = await givenDomain();
    await testEnvironment.claim('example.org');
    const claim = await stored();
    await testEnvironment.claims.hold(claim, verified(claim), testEnvironment.now());
    testEnvironment.identities.items.set(domain, {
      domain,
      status: 'ready',
      token: 'the token',
      mailFrom: 'bounces.example.com',
      requestedAt: testEnvironment.now(),
      polledAt: testEnvironment.now(),
    });
    await testEnvironment.checks.record({
      ...claim,
      dueAt: testEnvironment.now(),
      memory: newMemory,
      result: {
        checkedAt: testEnvironment.now(),
        records: [{ id: 'dkim-one', status: 'wrong', observed: ['x'], hint: 'Change it.' }],
      },
    });
    testEnvironment.publications.get = async (_, labels) =>
      new Map(
        labels
          .filter((label) => label === claim.label)
          .map((label) => [
            label,
            { parked: { reason: 'refused', since: testEnvironment.now() } } as never,
          ]),
      );
    const { body } = await testEnvironment.ask('GET', '/v1/domains');
    const [shown, other] = body['domains'] as Record<string, unknown>[];
    expect(shown).toMatchObject({
      sending: 'ready',
      problem: { detail: 'refused' },
      records: expect.arrayContaining([
        expect.objectContaining({ id: 'dkim-one', status: 'wrong', hint: 'Change it.' }),
        expect.objectContaining({ id: 'ses-identity', value: 'the token' }),
      ]),
    });
    expect(other).not.toHaveProperty('problem');
    expect((await testEnvironment.ask('GET', path)).body).toEqual(shown);
  });
});

describe('DELETE', () => {
  test('stops signing at once and keeps the label for undoing', async () => {
    const { testEnvironment, stored } = await givenDomain();
    const claim = await stored();
    await testEnvironment.claims.hold(claim, verified(claim), testEnvironment.now());
    const { status, body } = await testEnvironment.ask('DELETE', path);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      lifecycle: 'deleting',
      deletedAt: testEnvironment.now(),
      sending: 'preparing',
    });
    expect(await testEnvironment.claims.holder(domain)).toBeUndefined();
    testEnvironment.pass(86_400);
    const undone = await testEnvironment.claim(domain);
    expect(undone.status).toBe(201);
    expect(undone.body).toMatchObject({ lifecycle: 'live', status: 'pending' });
    expect(undone.body).not.toHaveProperty('deletedAt');
    expect(await stored()).toMatchObject({ label: claim.label, keys: claim.keys });
    expect((await testEnvironment.checks.get(claim.label))?.dueAt).toBe(testEnvironment.now());
  });

  test('again changes nothing', async () => {
    const { testEnvironment } = await givenDomain();
    const first = await testEnvironment.ask('DELETE', path);
    testEnvironment.pass(60);
    expect(await testEnvironment.ask('DELETE', path)).toEqual(first);
  });

  test('goes through though another writer comes between', async () => {
    const { testEnvironment, stored } = await givenDomain();
    const release = testEnvironment.claims.release.bind(testEnvironment.claims);
    let raced = 0;
    testEnvironment.claims.release = async (before, next) => {
      if (raced < 2) {
        raced += 1;
        const claim = await stored();
        await testEnvironment.claims.update(claim, { ...claim, version: claim.version + 1 });
      }
      await release(before, next);
    };
    expect((await testEnvironment.ask('DELETE', path)).status).toBe(202);
    expect(raced).toBe(2);
  });

  test('is busy where others write each time', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.claims.release = () => Promise.reject(new Conflict('it'));
    expect((await testEnvironment.ask('DELETE', path)).body['code']).toBe('busy');
  });

  test('undoing takes a new Idempotency-Key, and has no room beyond fifty pending', async () => {
    const { testEnvironment, stored } = await givenDomain();
    await testEnvironment.ask('DELETE', path);
    for (let index = 0; index < 50; index += 1) await testEnvironment.claim(`d${index}.example`);
    const { status, body } = await testEnvironment.claim(domain, {
      headers: { 'idempotency-key': 'k2' },
    });
    expect([status, body['code']]).toEqual([429, 'too-many-pending-claims']);
    await testEnvironment.ask('DELETE', '/v1/domains/d1.example');
    const undo = () => testEnvironment.claim(domain, { headers: { 'idempotency-key': 'k2' } });
    expect((await undo()).status).toBe(201);
    expect((await undo()).status).toBe(201);
    expect((await stored()).lifecycle).toBe('live');
  });
});

describe('POST checks', () => {
  test('answers with the domain as the check left it', async () => {
    const { testEnvironment, stored } = await givenDomain();
    testEnvironment.check = async (claim) => {
      await testEnvironment.claims.hold(claim, verified(claim), testEnvironment.now());
      return verified(claim);
    };
    const { status, body } = await testEnvironment.ask('POST', `${path}/checks`);
    expect([status, body.status]).toEqual([200, 'verified']);
    expect((await stored()).status).toBe('verified');
  });

  test('one may begin in two seconds, of those at once too', async () => {
    const { testEnvironment } = await givenDomain();
    let checks = 0;
    testEnvironment.check = async (claim) => {
      checks += 1;
      await testEnvironment.checks.record({
        ...claim,
        memory: newMemory,
        dueAt: new Date(Date.parse(testEnvironment.now()) + 3_600_000).toISOString(),
        result: { checkedAt: testEnvironment.now(), records: [] },
      });
      return claim;
    };
    const check = () => testEnvironment.ask('POST', `${path}/checks`);
    expect((await check()).status).toBe(200);
    testEnvironment.pass(1.9);
    expect((await check()).status).toBe(200);
    expect(checks).toBe(1);
    testEnvironment.pass(0.2);
    const atOnce = await Promise.all([check(), check(), check()]);
    expect(atOnce.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(checks).toBe(2);
  });

  test('waits for one that is under way, and answers with what that one found', async () => {
    const { testEnvironment, stored } = await givenDomain();
    let checks = 0;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    testEnvironment.check = async (claim) => {
      checks += 1;
      const checkedAt = testEnvironment.now();
      await ended;
      await testEnvironment.claims.hold(claim, verified(claim), checkedAt);
      const dueAt = new Date(Date.parse(checkedAt) + 3_600_000).toISOString();
      await testEnvironment.checks.record({
        ...claim,
        memory: newMemory,
        dueAt,
        result: { checkedAt, records: [] },
      });
      return stored();
    };
    const { sleep } = testEnvironment.ports.retryTime;
    let reads = 0;
    const retryTime = {
      ...testEnvironment.ports.retryTime,
      sleep: async (milliseconds: number) => {
        reads += 1;
        if (reads === 3) end();
        await sleep(milliseconds);
        await new Promise(setImmediate);
      },
    };
    const key = { tenant: testEnvironment.tenant, domain };
    const under = checkDomain(key, testEnvironment.ports);
    const waiting = checkDomain(key, { ...testEnvironment.ports, retryTime });
    expect([(await under).status, (await waiting).status]).toEqual(['verified', 'verified']);
    expect([checks, reads]).toEqual([1, 3]);
  });

  test('takes the place of one that does not end', async () => {
    const { testEnvironment, stored } = await givenDomain();
    const until = new Date(Date.parse(testEnvironment.now()) + 1_900).toISOString();
    await testEnvironment.checks.schedule({ ...(await stored()), dueAt: until });
    let checks = 0;
    testEnvironment.check = async (claim) => {
      checks += 1;
      return claim;
    };
    expect((await testEnvironment.ask('POST', `${path}/checks`)).status).toBe(200);
    expect([checks, testEnvironment.now() > until]).toEqual([1, true]);
  });

  test('is not waited for beyond its retries', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.check = () => new Promise<never>(() => {});
    const claim = await checkDomain(
      { tenant: testEnvironment.tenant, domain },
      { ...testEnvironment.ports },
      20,
    );
    expect(claim.status).toBe('pending');
  });

  test('that met another writer answers with what that one wrote', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.check = async (claim) => {
      await testEnvironment.claims.update(claim, lostClaim(claim, testEnvironment.now()));
      throw new Conflict('it');
    };
    const { status, body } = await testEnvironment.ask('POST', `${path}/checks`);
    expect([status, body.status]).toEqual([200, 'lost']);
  });

  test('that ends the claim answers that it is gone', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.check = async (claim) => {
      const expired: Claim = { ...claim, version: claim.version + 1, lifecycle: 'expired' };
      await testEnvironment.claims.retire(claim, expired);
      return expired;
    };
    expect((await testEnvironment.ask('POST', `${path}/checks`)).status).toBe(404);
  });

  test('that fails is ours', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.check = () => Promise.reject(new Error('boom'));
    expect((await testEnvironment.ask('POST', `${path}/checks`)).status).toBe(500);
    expect(testEnvironment.reported).toHaveLength(1);
  });

  test('of a domain that is being deleted is refused', async () => {
    const { testEnvironment } = await givenDomain();
    await testEnvironment.ask('DELETE', path);
    const { status, body } = await testEnvironment.ask('POST', `${path}/checks`);
    expect([status, body['code']]).toEqual([409, 'domain-deleting']);
  });
});

describe('GET records', () => {
  test('as JSON is what the domain shows, as bind a zone file of it', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.dns.zone(domain, []);
    const { body } = await testEnvironment.ask('GET', path);
    const json = await testEnvironment.ask('GET', `${path}/records`);
    expect(json.body).toEqual({ name: domain, records: body.records });
    const zone = await testEnvironment.ask('GET', `${path}/records`, { query: { format: 'bind' } });
    expect(zone.headers['content-type']).toBe('text/dns; charset=us-ascii');
    expect(parseZoneFile(zone.text, domain).map(({ name, type }) => `${name} ${type}`)).toEqual(
      body.records.filter(({ value }) => value !== '').map(({ name, type }) => `${name} ${type}`),
    );
  });

  test('in the form of other tools', async () => {
    const { testEnvironment } = await givenDomain();
    const ask = (format: string) =>
      testEnvironment.ask('GET', `${path}/records`, { query: { format } });
    const { records } = (await ask('json')).body;
    testEnvironment.dns.zone(domain, []);
    const names = records.filter(({ value }) => value !== '').map(({ name }) => name);
    const route53 = await ask('route53');
    expect(route53.headers['content-type']).toBe('application/json');
    expect(route53.text).toContain('"Action":"CREATE"');
    const [cloudflare, terraform] = [await ask('cloudflare'), await ask('terraform')];
    const csv = await ask('csv');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(cloudflare.headers['content-type']).toBe('text/dns; charset=us-ascii');
    expect(terraform.headers['content-type']).toBe('text/plain; charset=us-ascii');
    for (const name of names) {
      for (const { text } of [route53, cloudflare, terraform, csv]) expect(text).toContain(name);
    }
  });

  test.each(['zone', 'BIND', ''])('%j is no format', async (format) => {
    const { testEnvironment } = await givenDomain();
    const { status, body } = await testEnvironment.ask('GET', `${path}/records`, {
      query: { format },
    });
    expect([status, body['code']]).toEqual([400, 'invalid-parameter']);
    expect(body['detail']).toMatch(/"json"\|"bind"/);
  });
});

const firstColumn = (text: string): string[] => [
  ...new Set(
    text
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[0] ?? ''),
  ),
];

describe('GET /v1/records', () => {
  const names = ['a.example', 'b.example', 'c.example', 'other.example'];
  async function givenDomains() {
    const testEnvironment = givenTestEnvironment();
    for (const name of names) await testEnvironment.claim(name);
    await testEnvironment.claim('d.example', { as: givenTenant() });
    const ask = (query: Record<string, string>) =>
      testEnvironment.ask('GET', '/v1/records', { query });
    return { testEnvironment, ask };
  }

  test('as CSV has the records of every domain of the tenant, page by page', async () => {
    const { ask } = await givenDomains();
    const whole = await ask({ format: 'csv' });
    expect([whole.status, firstColumn(whole.text)]).toEqual([200, names]);
    expect(whole.headers['link']).toBeUndefined();
    const seen = [];
    for (let query: Record<string, string> | undefined = { format: 'csv', limit: '2' }; query;) {
      const { text, headers } = await ask(query);
      seen.push(firstColumn(text));
      const [, next] = /^<\/v1\/records\?(.*)>; rel="next"$/.exec(String(headers['link'])) ?? [];
      query = next === undefined ? undefined : Object.fromEntries(new URLSearchParams(next));
    }
    expect(seen.flat()).toEqual(names);
    expect(seen.length).toBeGreaterThan(1);
  });

  test('has the filter of the list, and is JSON by default', async () => {
    const { ask } = await givenDomains();
    const { body } = await ask({ prefix: 'o' });
    expect(body).toEqual({
      domains: [{ name: 'other.example', records: expect.any(Array) }],
      cursor: null,
    });
  });

  test('has only what remains to be done', async () => {
    const { testEnvironment, ask } = await givenDomains();
    const claim = (await testEnvironment.claims.get({
      tenant: testEnvironment.tenant,
      domain: 'a.example' as DomainName,
    }))!;
    const right = { status: 'ok', observed: [] } as const;
    await testEnvironment.checks.record({
      ...claim,
      dueAt: testEnvironment.now(),
      memory: { rightSlots: [] },
      result: {
        checkedAt: testEnvironment.now(),
        records: ['dkim-zero', 'dkim-one', 'spf'].map((id) => ({ id, ...right })),
      },
    });
    const { text } = await ask({ format: 'csv', prefix: 'a.' });
    const ids = text.split('\r\n').map((line) => line.split(',')[1]);
    expect(ids).toEqual(
      expect.arrayContaining(['dkim-two', 'ses-identity', 'mail-from-mx', 'dmarc']),
    );
    for (const id of ['dkim-zero', 'dkim-one', 'spf']) expect(ids).not.toContain(id);
  });

  test('takes no other format', async () => {
    const { ask } = await givenDomains();
    expect((await ask({ format: 'bind' })).status).toBe(400);
  });
});

describe('every other request', () => {
  test.each([
    ['GET', '/', 404],
    ['GET', '/v1/domains/example.com/keys', 404],
    ['POST', '/v1/domains/example.com/nothing', 404],
    ['GET', '/v1/messages/m_1', 404],
    ['PUT', '/v1/domains/example.com', 405],
    ['PUT', '/v1/messages', 405],
  ])('%s %s is %i', async (method, route, status) => {
    const answered = await givenTestEnvironment().ask(method, route);
    expect(answered.status).toBe(status);
    expect(answered.headers['content-type']).toBe('application/problem+json');
    expect('allow' in answered.headers).toBe(status === 405);
  });

  test('without the scope is 403, without a caller 401', async () => {
    const { testEnvironment } = await givenDomain();
    const caller = { tenant: testEnvironment.tenant, scopes: 'messages' };
    expect((await testEnvironment.ask('GET', path, { caller })).status).toBe(403);
    expect((await testEnvironment.ask('GET', path, { caller: null })).status).toBe(401);
  });
});
