import { beforeEach, describe, expect, test } from 'vitest';
import { MOST_SHARE_LINKS } from '#shared/core/model/share-link.ts';
import { parseZoneFile } from '../../../../local/dns/zone-file.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenTestEnvironment } from './test-environment.ts';

const domain = 'example.com';
const links = `/v1/domains/${domain}/share-links`;

let testEnvironment: ReturnType<typeof givenTestEnvironment>;
beforeEach(async () => {
  testEnvironment = givenTestEnvironment();
  await testEnvironment.claim(domain);
});

/** The path of a new link. */
async function givenLink(): Promise<string> {
  const { status, body } = await testEnvironment.ask('POST', links);
  expect(status).toBe(201);
  const url = new URL(String(body['url']));
  expect(url.origin).toBe('https://api.example');
  return url.pathname;
}

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
      records: own.records,
      expiresAt: '2026-12-04T10:00:00.000Z',
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  test('shows a browser a page that loads and reveals nothing', async () => {
    const path = await givenLink();
    const { text, headers } = await open(path, { headers: { accept: 'text/html,*/*' } });
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'referrer-policy': 'no-referrer',
    });
    for (const { name, value } of (await open(path)).body.records) {
      expect(text).toContain(name);
      expect(text).toContain(value);
    }
    expect(text).not.toMatch(/<script|src=|href=/);
  });

  test('shows what a stranger put into DNS as text', async () => {
    const { label } = (await testEnvironment.claims.get({
      tenant: testEnvironment.tenant,
      domain: domain as never,
    }))!;
    const key = { tenant: testEnvironment.tenant, domain: domain as never, label };
    const hint = '<img src=x onerror="alert(1)">';
    await testEnvironment.checks.record({
      ...key,
      dueAt: testEnvironment.now(),
      memory: { rightSlots: [] },
      result: {
        checkedAt: testEnvironment.now(),
        records: [{ id: 'spf', status: 'wrong', code: 'spf-several', observed: [hint], hint }],
      },
    });
    const { text } = await open(await givenLink(), { headers: { accept: 'text/html' } });
    expect(text).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
    expect(text).not.toContain('<img');
  });

  test('gives the records in the form of a tool', async () => {
    testEnvironment.dns.zone(domain, []);
    const { text } = await open(await givenLink(), { query: { format: 'bind' } });
    expect(parseZoneFile(text, domain).length).toBeGreaterThan(6);
    const { status } = await open(await givenLink(), { query: { format: 'zone' } });
    expect(status).toBe(400);
  });

  test('ends after 14 days', async () => {
    const path = await givenLink();
    testEnvironment.pass(14 * 86_400 - 1);
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
    const token = (await givenLink()).split('/').at(-1);
    const claim = await testEnvironment.claims.get({
      tenant: testEnvironment.tenant,
      domain: domain as never,
    });
    expect(JSON.stringify(claim)).not.toContain(token?.split('.')[1]);
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
