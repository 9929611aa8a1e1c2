import { describe, expect, test } from 'vitest';
import { budgetNames, hasBudget } from '#shared/core/model/budgets.ts';
import { newMemory } from '#shared/core/model/check.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { parseZoneFile } from '../../../../local/dns/zone-file.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenResult } from '../../../fakes/given-result.ts';
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
    await testEnvironment.identities.putView({
      label: claim.label,
      status: 'ready',
      token: 'the token',
      hasMailFrom: true,
      polledAt: testEnvironment.now(),
    });
    await givenResult(testEnvironment.checks, {
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
    const pending = await stored();
    const proven = { ...pending, version: pending.version + 1, status: 'verified' as const };
    await testEnvironment.claims.hold(pending, proven, testEnvironment.now());
    await testEnvironment.ask('DELETE', path);
    for (let index = 0; index < 50; index += 1) await testEnvironment.claim(`d${index}.example`);
    const { status, body } = await testEnvironment.claim(domain, {
      headers: { 'idempotency-key': 'k2' },
    });
    expect([status, body['code']]).toEqual([429, 'too-many-pending-claims']);
    const one = (await testEnvironment.claims.get({
      tenant: testEnvironment.tenant,
      domain: 'd1.example' as DomainName,
    }))!;
    await testEnvironment.claims.retire(one, { ...one, lifecycle: 'expired' });
    const undo = () => testEnvironment.claim(domain, { headers: { 'idempotency-key': 'k2' } });
    expect((await undo()).status).toBe(201);
    expect((await undo()).status).toBe(201);
    expect((await stored()).lifecycle).toBe('live');
  });
});

describe('budgets', () => {
  test('claims and deletions of an hour are counted apart, and a repeated request once', async () => {
    const { testEnvironment } = await givenDomain();
    await testEnvironment.budgetStore.setOwnLimits(testEnvironment.tenant, {
      'claims-hour': 2,
      'deletions-hour': 1,
    });
    testEnvironment.pass(30);
    const again = { headers: { 'idempotency-key': 'k' } };
    expect((await testEnvironment.claim('b.example', again)).status).toBe(201);
    expect((await testEnvironment.claim('b.example', again)).status).toBe(201);
    const { status, body, headers } = await testEnvironment.claim('c.example');
    expect([status, body['code'], body['budget']]).toEqual([429, 'budget-exceeded', 'claims-hour']);
    expect(headers['retry-after']).toBe(String(body['retryAfter']));
    expect((await testEnvironment.ask('DELETE', path)).status).toBe(202);
    expect((await testEnvironment.ask('DELETE', path)).status).toBe(202);
    const other = await testEnvironment.ask('DELETE', '/v1/domains/b.example');
    expect([other.status, other.body['budget']]).toEqual([429, 'deletions-hour']);
    testEnvironment.pass(3_600);
    expect((await testEnvironment.ask('DELETE', '/v1/domains/b.example')).status).toBe(202);
  });

  test('a list of records that waits is one of its domain, and a few of its tenant', async () => {
    const { testEnvironment } = await givenDomain();
    const { tenant, ports } = testEnvironment;
    const leases = ports.budgets.lease(tenant, 'waiting-records', domain);
    const lease = await leases;
    const ask = (format: string) =>
      testEnvironment.ask('GET', `${path}/records`, { query: { format } });
    const refused = await ask('bind');
    expect([refused.status, refused.body['budget']]).toEqual([429, 'waiting-records']);
    await lease.end();
    expect((await ask('bind')).status).toBe(200);
    // What it held is free again.
    expect((await ask('terraform')).status).toBe(200);
  });

  test('a list of records that neither waits nor asks DNS takes nothing', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.pass(60);
    Object.assign(testEnvironment.budgetStore.calls, { reads: 0, writes: 0 });
    testEnvironment.dns.asked.splice(0);
    expect((await testEnvironment.ask('GET', `${path}/records`)).status).toBe(200);
    expect(testEnvironment.budgetStore.calls).toEqual({ reads: 0, writes: 0 });
    expect(testEnvironment.dns.asked).toEqual([]);
  });

  test('so many domains are checked at once, and further requests for one of them do not wait', async () => {
    const { testEnvironment } = await givenDomain();
    await testEnvironment.budgetStore.setOwnLimits(testEnvironment.tenant, { checks: 1 });
    testEnvironment.pass(30);
    await testEnvironment.claim('b.example');
    const check = (of: string) => testEnvironment.ask('POST', `/v1/domains/${of}/checks`);
    expect((await check(domain)).status).toBe(200);
    const at = testEnvironment.now();
    expect((await check(domain)).status).toBe(202);
    expect(testEnvironment.now()).toBe(at);
    const { status, body } = await check('b.example');
    expect([status, body['budget']]).toEqual([429, 'checks']);
    testEnvironment.pass(2);
    expect((await check('b.example')).status).not.toBe(429);
  });

  test('limits are read with what is left of them, by any key', async () => {
    const { testEnvironment } = await givenDomain();
    const { body } = await testEnvironment.ask('GET', '/v1/limits');
    const limits = body['limits'] as { budget: string }[];
    expect(limits.map(({ budget }) => budget)).toEqual(
      budgetNames.filter((name) => hasBudget('tenant', name)),
    );
    expect(limits).toContainEqual({
      budget: 'claims-hour',
      unit: 'domains claimed',
      limit: 60,
      remaining: 59,
      windowSeconds: 3_600,
      resetsAt: '2026-11-20T11:00:00.000Z',
    });
    expect(limits).toContainEqual(
      expect.objectContaining({ budget: 'pending-claims', limit: 50, remaining: 49 }),
    );
  });
});

describe('GET records', () => {
  test('as JSON is what the domain shows, as bind a zone file of it', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.dns.zone(domain, []);
    const { body } = await testEnvironment.ask('GET', path);
    const json = await testEnvironment.ask('GET', `${path}/records`);
    expect(json.body).toEqual({ name: domain, checkedAt: null, records: body.records });
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

  test('required and recommended records come apart, the required ones first', async () => {
    const { testEnvironment } = await givenDomain();
    testEnvironment.dns.zone(domain, []);
    const requiredIn = async (query: Record<string, string>) =>
      (await testEnvironment.ask('GET', `${path}/records`, { query })).body.records.map(
        (record) => record.required,
      );
    const all = await requiredIn({});
    expect(all).toEqual(all.toSorted((one, other) => Number(other) - Number(one)));
    const required = all.filter(Boolean);
    expect(await requiredIn({ only: 'required' })).toEqual(required);
    expect(await requiredIn({ only: 'recommended' })).toEqual(all.slice(required.length));
    const inZone = async (query: Record<string, string>) =>
      (await testEnvironment.ask('GET', `${path}/records`, { query: { format: 'bind', ...query } }))
        .text;
    expect(await inZone({ only: 'required' })).not.toContain('_dmarc');
    expect(await inZone({ only: 'recommended' })).not.toContain('_domainkey');
    const { progress } = (await testEnvironment.ask('GET', path)).body;
    expect(progress).toEqual({
      required: { right: 0, total: required.length },
      recommended: { right: 0, total: all.length - required.length },
    });
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
      domains: [{ name: 'other.example', checkedAt: null, records: expect.any(Array) }],
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
    await givenResult(testEnvironment.checks, {
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

  test('has one part only where asked, on every page', async () => {
    const { ask } = await givenDomains();
    const { text, headers } = await ask({ format: 'csv', only: 'required', limit: '2' });
    expect(text).toContain('_domainkey');
    expect(text).not.toContain('_dmarc');
    expect(headers['link']).toContain('only=required');
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
