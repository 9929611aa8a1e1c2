import { beforeEach, describe, expect, test } from 'vitest';
import type { DomainName } from '#shared/core/model/names.ts';
import { givenTestEnvironment } from './test-environment.ts';

let env: ReturnType<typeof givenTestEnvironment>;
beforeEach(() => {
  env = givenTestEnvironment();
});

const domain = 'mail.customer.example' as DomainName;
const path = `/v1/domains/${domain}`;
const send = (method: string, at: string, body: unknown) =>
  env.ask(method, at, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const claim = (name: string = domain) =>
  send('POST', '/v1/domains', { name, hosting: 'delegated' });
const refusalOf = async (answer: ReturnType<typeof claim>) => {
  const { status, body } = await answer;
  return [status, body['code']];
};
const server = async (): Promise<string> => {
  const stored = await env.claims.get({ tenant: env.tenant, domain });
  return `${stored!.label}.ns.sd.example.net`;
};

describe('a claim with "hosting": "delegated"', () => {
  test('is answered with one record, and all exports have it', async () => {
    const { status, body } = await claim();
    expect([status, body.hosting]).toEqual([201, 'delegated']);
    expect(body.records).toMatchObject([
      { id: 'delegation', name: domain, type: 'NS', value: await server(), required: true },
    ]);
    expect(body.progress.required.total).toBe(1);
    env.dns.zone('customer.example', []);
    const exported = async (format: string) =>
      (await env.ask('GET', `${path}/records`, { query: { format } })).text;
    const value = `${await server()}.`;
    expect(await exported('bind')).toContain(`${domain}. IN NS ${value}`);
    expect(await exported('route53')).toContain(`"Type":"NS"`);
    expect(await exported('terraform')).toContain('type      = "NS"');
    expect(await exported('csv')).toContain('NS');
  });

  test('of a registered domain is refused: its website would go with it', async () => {
    expect(await refusalOf(claim('customer.example'))).toEqual([422, 'domain-not-claimable']);
    expect(env.forged).toEqual([]);
  });

  test('is refused where the operator offers none', async () => {
    Object.assign(env.ports, { offersDelegation: false });
    expect(await refusalOf(claim())).toEqual([409, 'delegation-not-offered']);
  });

  test('that is parked is refused', async () => {
    const body = { name: domain, hosting: 'delegated', purpose: 'parked' };
    expect((await send('POST', '/v1/domains', body)).status).toBe(400);
  });

  test('can be made ten times a day', async () => {
    for (let index = 0; index < 10; index += 1) {
      expect((await claim(`m${index}.customer.example`)).status).toBe(201);
    }
    expect(await refusalOf(claim())).toEqual([429, 'budget-exceeded']);
  });

  test('keeps its hosting, and all else of it changes', async () => {
    await claim();
    expect(await refusalOf(send('PATCH', path, { hosting: 'self' }))).toEqual([
      409,
      'domain-delegated',
    ]);
    const changed = await send('PATCH', path, { dmarc: { p: 'quarantine' } });
    expect([changed.status, changed.body.dmarc?.p]).toEqual([200, 'quarantine']);
  });

  test('that is deleted is undone as it was alone', async () => {
    await claim();
    const stored = (await env.claims.get({ tenant: env.tenant, domain }))!;
    await env.claims.update(stored, { ...stored, version: 2, status: 'verified' });
    expect((await env.ask('DELETE', path)).status).toBe(202);
    expect(await refusalOf(send('POST', '/v1/domains', { name: domain, hosting: 'self' }))).toEqual(
      [409, 'domain-deleting'],
    );
    const { status, body } = await claim();
    expect([status, body.hosting]).toEqual([201, 'delegated']);
  });

  test('has no Domain Connect', async () => {
    await claim();
    Object.assign(env.ports, { domainConnect: {} });
    const { body } = await env.ask('GET', `${path}/domain-connect`);
    expect(body).toMatchObject({ supported: false, reason: 'delegated' });
  });
});
