import { beforeEach, describe, expect, test } from 'vitest';
import type { AuthorizerContext } from '#shared/api/http.ts';
import { contactIdOf } from '#shared/core/model/contact.ts';
import { platformIdOf, type DomainName, type TenantId } from '#shared/core/model/names.ts';
import { readCsv } from '#shared/core/csv/read-csv.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenTestEnvironment } from './test-environment.ts';

const createdAt = '2026-11-20T10:00:00.000Z';
const shop = platformIdOf(new Uint8Array(16).fill(1));
const press = platformIdOf(new Uint8Array(16).fill(2));

interface Todo {
  groups: {
    provider: string | null;
    contact: { email: string } | null;
    domains: { name: string; externalId: string | null; records: { id: string }[] }[];
  }[];
  cursor: string | null;
}

let environment: ReturnType<typeof givenTestEnvironment>;

async function givenDomain(
  externalId: string,
  domain: string,
  { email, platform = shop }: { email?: string; platform?: typeof shop } = {},
): Promise<TenantId> {
  const { platforms, contacts } = environment;
  const made = { id: givenTenant(), name: externalId, createdAt, platform, externalId };
  const { id } = await platforms.addTenant(made);
  await environment.claim(domain, { as: id });
  if (email !== undefined) {
    const contact = { id: contactIdOf(platform, email), owner: platform, email, createdAt };
    await contacts.assign(contact, { tenant: id, domain: domain as DomainName });
  }
  return id;
}

beforeEach(async () => {
  environment = givenTestEnvironment();
  for (const name of ['one.example', 'two.example', 'three.example', 'four.example']) {
    environment.dns.zone(name, []);
  }
  environment.dns.serve('one.example', 'ann.ns.cloudflare.com');
  environment.dns.serve('two.example', 'ben.ns.cloudflare.com');
  await givenDomain('c-1', 'one.example', { email: 'ann@agency.example' });
  await givenDomain('c-2', 'two.example', { email: 'ann@agency.example' });
  await givenDomain('c-2', 'three.example');
  await givenDomain('x-1', 'four.example', { platform: press });
});

const ask = (query = '', caller: AuthorizerContext = { platform: shop, scopes: '' }) =>
  environment.ask('GET', '/v1/records/todo', {
    caller,
    query: Object.fromEntries(new URLSearchParams(query)),
  });
const todoOf = async (query = '', caller?: AuthorizerContext): Promise<Todo> =>
  (await ask(query, caller)).body as unknown as Todo;
const namesIn = ({ groups }: Todo): string[][] =>
  groups.map(({ domains }) => domains.map(({ name }) => name));

describe('everything still to do', () => {
  test('is of all tenants of the platform, by provider and contact, and of no other', async () => {
    const { groups, cursor } = await todoOf();
    expect(
      groups.map(({ provider, contact, domains }) => [
        provider,
        contact?.email ?? null,
        domains.map(({ externalId, name }) => `${externalId} ${name}`),
      ]),
    ).toEqual([
      ['Cloudflare', 'ann@agency.example', ['c-1 one.example', 'c-2 two.example']],
      [null, null, ['c-2 three.example']],
    ]);
    expect(groups[0]?.domains[0]?.records.map(({ id }) => id)).toContain('dkim-zero');
    expect(cursor).toBeNull();
    expect(namesIn(await todoOf('', { platform: press, scopes: '' }))).toEqual([['four.example']]);
  });

  test('is of one tenant for its own key, and for a platform that acts for it', async () => {
    const tenant = (await environment.platforms.tenantOf(shop, 'c-2'))!;
    for (const caller of [
      { tenant, scopes: 'domains' },
      { tenant, platform: shop, scopes: 'domains' },
    ]) {
      expect(
        namesIn(await todoOf('', caller))
          .flat()
          .toSorted(),
      ).toEqual(['three.example', 'two.example']);
    }
  });

  test.each([
    ['contact=ANN%40agency.example', ['one.example', 'two.example']],
    ['provider=cloud', ['one.example', 'two.example']],
    ['prefix=th', ['three.example']],
    ['status=verified', []],
  ])('is filtered: %s', async (query, names) => {
    expect(namesIn(await todoOf(query)).flat()).toEqual(names);
  });

  test('comes in pages that leave nothing out and say nothing twice', async () => {
    const names: string[] = [];
    let query = 'limit=1';
    for (let pages = 0; pages < 10; pages += 1) {
      const page = await todoOf(query);
      names.push(...namesIn(page).flat());
      if (page.cursor === null) break;
      query = `limit=1&cursor=${page.cursor}`;
    }
    expect(names.toSorted()).toEqual(['one.example', 'three.example', 'two.example']);
    for (const cursor of ['x', 'e30', Buffer.from('{"done":-1}').toString('base64url')]) {
      expect((await ask(`cursor=${cursor}`)).status).toBe(400);
    }
  });

  test('as CSV has a row for each record, and links the next page', async () => {
    const { text, headers } = await ask('format=csv&limit=1');
    const rows = readCsv(text).map(({ fields }) => fields);
    expect(rows[0]).toMatchObject({
      provider: 'Cloudflare',
      contact: 'ann@agency.example',
      externalid: 'c-1',
      domain: 'one.example',
      type: 'CNAME',
      required: 'yes',
    });
    expect(headers['link']).toMatch(/^<\/v1\/records\/todo\?format=csv&limit=1&cursor=[\w-]+>/);
  });

  test('as Terraform has one map, with the zone of each domain', async () => {
    const { text } = await ask('format=terraform');
    expect(text).toContain('zone_id = var.zone_ids[each.value.domain]');
    expect(text.indexOf('# Cloudflare, ann@agency.example')).toBeLessThan(
      text.indexOf('"two.example/dkim-zero" = {'),
    );
    expect(text.match(/resource "aws_route53_record"/g)).toHaveLength(1);
    expect(text).toContain('      domain    = "three.example"');
  });

  test('for Route 53 has a change batch for each domain', async () => {
    const { groups } = (await ask('format=route53')).body as unknown as {
      groups: { batches: { domain: string; changeBatch: { Changes: { Action: string }[] } }[] }[];
    };
    const batches = groups.flatMap((group) => group.batches);
    expect(batches.map(({ domain }) => domain)).toEqual([
      'one.example',
      'two.example',
      'three.example',
    ]);
    const actions = batches.flatMap(({ changeBatch }) => changeBatch.Changes);
    expect(new Set(actions.map(({ Action }) => Action))).toEqual(new Set(['CREATE']));
  });
});
