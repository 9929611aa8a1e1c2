import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { languages } from '#shared/core/model/contact.ts';
import { MOST_SHARE_LINKS } from '#shared/core/model/share-link.ts';
import { parseZoneFile } from '../../../../local/dns/zone-file.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenResult } from '../../../fakes/given-result.ts';
import { givenTestEnvironment } from './test-environment.ts';

const domain = 'example.com';
const links = `/v1/domains/${domain}/share-links`;

let testEnvironment: ReturnType<typeof givenTestEnvironment>;
beforeEach(async () => {
  testEnvironment = givenTestEnvironment();
  await testEnvironment.claim(domain);
});

/** The token of a new link. */
async function givenToken(): Promise<string> {
  const { status, body } = await testEnvironment.ask('POST', links);
  expect(status).toBe(201);
  const url = new URL(String(body['url']));
  expect([url.origin, url.pathname, url.search]).toEqual([
    'https://api.example',
    '/v1/hand-over',
    '',
  ]);
  return url.hash.slice(1);
}

/** The path of a link, as earlier releases gave it. */
const givenLink = async (): Promise<string> => `/v1/shared/${await givenToken()}`;

/** What the page asks, without an API key. */
const post = (path: string, body: object) =>
  testEnvironment.ask('POST', `/v1/hand-over${path}`, {
    caller: null,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** As a caller without an API key. */
const open = (path: string, asked: Parameters<typeof testEnvironment.ask>[2] = {}) =>
  testEnvironment.ask('GET', path, { ...asked, caller: null });

describe('a share link', () => {
  test('shows the records and their statuses to anyone who has it, and nothing else', async () => {
    const { status, body, headers } = await open(await givenLink());
    const own = (await testEnvironment.ask('GET', `/v1/domains/${domain}`)).body;
    expect(status).toBe(200);
    expect(body).toEqual({
      name: domain,
      checkedAt: null,
      records: own.records,
      progress: own.progress,
      expiresAt: '2027-05-19T10:00:00.000Z',
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  test('sends a browser to the page, which takes the token in the fragment', async () => {
    const path = await givenLink();
    const { status, headers, text } = await open(path, { headers: { accept: 'text/html,*/*' } });
    const token = path.split('/').at(-1);
    expect([status, headers['location'], text]).toEqual([302, `/v1/hand-over#${token}`, '']);
  });

  test('has the records checked by anyone who has it', async () => {
    const path = await givenLink();
    const check = () => testEnvironment.ask('POST', `${path}/checks`, { caller: null });
    const { status, body } = await check();
    expect([status, body.checkedAt]).toEqual([200, '2026-11-20T10:00:00.000Z']);
    testEnvironment.pass(60);
    testEnvironment.checkTakes = 5_000;
    const later = await check();
    expect([later.status, later.body]).toEqual([202, { name: domain, checkedAt: body.checkedAt }]);
  });

  test('that ended checks nothing', async () => {
    const path = await givenLink();
    testEnvironment.pass(180 * 86_400);
    const { status } = await testEnvironment.ask('POST', `${path}/checks`, { caller: null });
    expect(status).toBe(404);
    expect(testEnvironment.checkQueue.take()).toEqual([]);
  });

  test('marks what a correction changes', async () => {
    const claim = await testEnvironment.claims.get({
      tenant: testEnvironment.tenant,
      domain: domain as never,
    });
    await givenResult(testEnvironment.checks, {
      ...claim!,
      dueAt: testEnvironment.now(),
      memory: { rightSlots: [] },
      result: {
        checkedAt: testEnvironment.now(),
        records: [
          {
            id: 'spf',
            status: 'wrong',
            code: 'spf-no-include',
            observed: ['v=spf1 <b> -all'],
            value: 'v=spf1 include:ours.test -all',
          },
        ],
      },
    });
    const path = await givenLink();
    const spf = (await open(path)).body.records.find(({ id }) => id === 'spf');
    expect(spf?.correction?.changes).toEqual([
      { kind: 'removed', text: '<b>', at: 7, observed: 0 },
      { kind: 'added', text: 'include:ours.test', at: 7 },
    ]);
  });

  test('gives the records in the form of a tool', async () => {
    testEnvironment.dns.zone(domain, []);
    const { text } = await open(await givenLink(), { query: { format: 'bind' } });
    expect(parseZoneFile(text, domain).length).toBeGreaterThan(6);
    const { status } = await open(await givenLink(), { query: { format: 'zone' } });
    expect(status).toBe(400);
  });

  test('ends after 180 days', async () => {
    const path = await givenLink();
    testEnvironment.pass(180 * 86_400 - 1);
    expect((await open(path)).status).toBe(200);
    testEnvironment.pass(1);
    expect((await open(path)).status).toBe(404);
  });

  test('ends with the sixth', async () => {
    const paths: string[] = [];
    for (let count = 0; count <= MOST_SHARE_LINKS; count += 1) paths.push(await givenLink());
    expect((await open(paths[0]!)).status).toBe(404);
    for (const path of paths.slice(1)) expect((await open(path)).status).toBe(200);
  });

  test('ends with the domain, whose deletion allows no new one', async () => {
    const path = await givenLink();
    await testEnvironment.ask('DELETE', `/v1/domains/${domain}`);
    expect((await open(path)).status).toBe(404);
    expect((await testEnvironment.ask('POST', links)).body['code']).toBe('domain-deleting');
  });

  test('is the tenant’s own to make', async () => {
    const { status, body } = await testEnvironment.ask('POST', links, { as: givenTenant() });
    expect([status, body['code']]).toEqual([404, 'not-found']);
    expect((await testEnvironment.ask('POST', links, { caller: null })).status).toBe(401);
  });

  test('leaves nothing in the store that opens it', async () => {
    const token = await givenToken();
    const claim = await testEnvironment.claims.get({
      tenant: testEnvironment.tenant,
      domain: domain as never,
    });
    expect(JSON.stringify(claim)).not.toContain(token.split('.')[1]);
    expect(claim?.shareLinks).toHaveLength(1);
  });

  test.each(['', 'x', 'a'.repeat(26), `${'a'.repeat(26)}.${'a'.repeat(52)}`])(
    'that is made up (%j) is answered like one that ended',
    async (token) => {
      const { status, body } = await open(`/v1/shared/${token}`);
      expect([status, body['code']]).toEqual([404, 'not-found']);
    },
  );

  test('with another secret for a label that there is does not open', async () => {
    const path = await givenLink();
    const wrong = `${path.slice(0, -1)}${path.endsWith('a') ? 'q' : 'a'}`;
    expect((await open(wrong)).status).toBe(404);
  });
});

const page = (headers: Record<string, string> = {}, query: Record<string, string> = {}) =>
  testEnvironment.ask('GET', '/v1/hand-over', { caller: null, headers, query });
const scriptsIn = (text: string) =>
  [...text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, code = '']) => code);

const digestOf = (what: string) => createHash('sha256').update(what).digest('base64');

describe('the page behind links', () => {
  test('is the same for every link, loads nothing, and is not kept', async () => {
    const { status, text, headers } = await page();
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
    expect(text).not.toMatch(/ (src|href)=/);
    expect(text).not.toContain(domain);
  });

  test('has one script and one style, allowed by their hashes', async () => {
    const { text, headers } = await page();
    const [code = '', ...more] = scriptsIn(text);
    expect(more).toEqual([]);
    const [, css = ''] = /<style>(.*?)<\/style>/s.exec(text) ?? [];
    const policy = headers['content-security-policy'];
    expect(policy).toContain(`script-src 'sha256-${digestOf(code)}';`);
    expect(policy).toContain(`style-src 'sha256-${digestOf(css)}';`);
    expect(() => new Script(code)).not.toThrow();
    // Texts of others come into the page as text.
    expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(/);
  });

  test.each(languages)('is at most 40 KB in %s with the records of a domain', async (lang) => {
    const { text } = await page({}, { lang });
    const records = await post('/records', { token: await givenToken() });
    const octets = Buffer.byteLength(text) + Buffer.byteLength(records.text);
    expect(octets).toBeLessThan(40 * 1024);
    console.info(`${lang}: ${octets} octets, ${gzipSync(text).length} of the page compressed`);
  });

  test.each([
    [{}, {}, 'en'],
    [{ 'accept-language': 'de-CH, fr;q=0.8' }, {}, 'de'],
    [{ 'accept-language': 'pt, es;q=0.4, nl;q=0.7' }, {}, 'nl'],
    [{ 'accept-language': 'pt, *' }, {}, 'en'],
    [{ 'accept-language': 'de' }, { lang: 'fr' }, 'fr'],
    [{ 'accept-language': 'de' }, { lang: 'xx' }, 'de'],
  ])('for %j and %j is in %3$s', async (headers, query, lang) => {
    const { text } = await page(headers, query);
    expect(text).toContain(`<html lang="${lang}">`);
  });
});

describe('the token of a link', () => {
  test('is in no path and no query: the page sends it in bodies', async () => {
    const token = await givenToken();
    const all = await post('', { token });
    expect([all.status, all.body]).toEqual([
      200,
      {
        expiresAt: '2027-05-19T10:00:00.000Z',
        name: null,
        reminds: false,
        domains: [
          {
            name: domain,
            zone: domain,
            status: 'pending',
            progress: { required: { right: 0, total: 4 }, recommended: { right: 0, total: 4 } },
            checkedAt: null,
          },
        ],
      },
    ]);
    const records = await post('/records', { token, domain });
    expect(records.body).toEqual((await open(`/v1/shared/${token}`)).body);
    expect((await post('/checks', { token, domain })).status).toBe(200);
    testEnvironment.dns.zone(domain, []);
    const { text } = await post('/exports', { token, domain, format: 'bind', only: 'required' });
    expect(parseZoneFile(text, domain).length).toBeGreaterThan(2);
    expect((await post('/domain-connect', { token })).body).toMatchObject({
      supported: false,
      reason: 'not-offered',
    });
  });

  test('says where the DNS of the domain is', async () => {
    testEnvironment.dns.zone(domain, []);
    testEnvironment.dns.serve(domain, 'ada.ns.cloudflare.com', 'bob.ns.cloudflare.com');
    const { status, body } = await post('/dns', { token: await givenToken(), domain });
    expect([status, body]).toEqual([
      200,
      {
        zone: domain,
        provider: 'Cloudflare',
        nameServers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
      },
    ]);
  });

  test('opens no other domain', async () => {
    await testEnvironment.claim('other.example');
    const token = await givenToken();
    for (const path of ['/records', '/checks', '/dns', '/domain-connect']) {
      expect([path, (await post(path, { token, domain: 'other.example' })).status]).toEqual([
        path,
        404,
      ]);
    }
  });

  test.each(['', '/records', '/checks', '/dns', '/domain-connect', '/reminders'])(
    'that is made up is answered at %s like one that ended',
    async (path) => {
      for (const token of ['', 'x', `${'a'.repeat(26)}.${'a'.repeat(52)}`, 'a'.repeat(52)]) {
        const { status, body } = await post(path, { token });
        expect([status, body['code']]).toEqual([404, 'not-found']);
      }
    },
  );
});

const listed = async () =>
  (await testEnvironment.ask('GET', links)).body['links'] as { id: string; expiresAt: string }[];

describe('the links of a domain', () => {
  test('are listed without what opens them, revoked one by one, and renewed', async () => {
    const [one, other] = [await givenToken(), await givenToken()];
    const [first, second] = await listed();
    expect(await listed()).toEqual([
      {
        id: expect.stringMatching(/^[\da-f]{16}$/),
        createdAt: testEnvironment.now(),
        expiresAt: '2027-05-19T10:00:00.000Z',
      },
      expect.anything(),
    ]);
    for (const token of [one, other]) {
      expect(JSON.stringify(await listed())).not.toContain(token.split('.')[1]);
    }
    testEnvironment.pass(100 * 86_400);
    const renewed = await testEnvironment.ask('POST', `${links}/${second!.id}/renewals`);
    expect([renewed.status, renewed.body['expiresAt']]).toEqual([200, '2027-08-27T10:00:00.000Z']);
    const revoked = await testEnvironment.ask('DELETE', `${links}/${first!.id}`);
    expect([revoked.status, revoked.body['links']]).toEqual([200, await listed()]);
    expect((await post('', { token: one })).status).toBe(404);
    testEnvironment.pass(90 * 86_400);
    expect((await post('', { token: other })).status).toBe(200);
    testEnvironment.pass(90 * 86_400);
    expect((await post('', { token: other })).status).toBe(404);
    expect(await listed()).toEqual([]);
  });

  test('are the tenant’s own', async () => {
    await givenToken();
    const [link] = await listed();
    const as = givenTenant();
    for (const [method, path] of [
      ['GET', links],
      ['POST', `${links}/${link!.id}/renewals`],
      ['DELETE', `${links}/${link!.id}`],
    ] as const) {
      expect((await testEnvironment.ask(method, path, { as })).status).toBe(404);
    }
    expect((await testEnvironment.ask('DELETE', `${links}/${'0'.repeat(16)}`)).status).toBe(404);
    expect(await listed()).toHaveLength(1);
  });
});
