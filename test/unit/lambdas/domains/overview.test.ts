import { expect, test } from 'vitest';
import type { OverviewDocument } from '#shared/api/routes/domain-schemas.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { newMemory } from '#shared/core/model/check.ts';
import { parseDomainName } from '#shared/core/model/names.ts';
import { givenResult } from '../../../fakes/given-result.ts';
import { givenTestEnvironment } from './test-environment.ts';

const names = ['a.example', 'b.example', 'c.example'];

async function givenDomains() {
  const environment = givenTestEnvironment();
  for (const name of names) await environment.claim(name);
  const change = async (name: string, changes: Partial<Claim>): Promise<Claim> => {
    const key = { tenant: environment.tenant, domain: parseDomainName(name) };
    const claim = await environment.claims.get(key);
    if (claim === undefined) throw new Error(`${name} is not claimed`);
    const next = { ...claim, ...changes, version: claim.version + 1 };
    await environment.claims.update(claim, next);
    return next;
  };
  const overview = async (query: Record<string, string> = {}): Promise<OverviewDocument> =>
    (await environment.ask('GET', '/v1/overview', { query })).body as unknown as OverviewDocument;
  return { ...environment, change, overview };
}

test('all domains are listed in short, page by page', async () => {
  const { overview } = await givenDomains();
  const { domains, cursor } = await overview();
  expect(domains.map(({ name }) => name)).toEqual(names);
  expect(cursor).toBeNull();
  expect(domains[0]).toMatchObject({ status: 'pending', rotatesAt: null, lostAt: null });
  const first = await overview({ limit: '2' });
  expect(first.domains).toHaveLength(2);
  const second = await overview({ cursor: String(first.cursor) });
  expect(second.domains.map(({ name }) => name)).toEqual(['c.example']);
});

test('a domain without any of its keys says since when, why, and when its mail stops', async () => {
  const { overview, change, checks } = await givenDomains();
  const since = '2026-11-18T10:00:00.000Z';
  const statusReason = { reason: 'missing', detail: 'Put the record back.' };
  const { label, tenant, domain } = await change('b.example', {
    status: 'at-risk',
    statusSince: since,
    statusReason,
  });
  await change('c.example', { status: 'at-risk', statusSince: since, statusReason });
  await givenResult(checks, {
    label,
    tenant,
    domain,
    dueAt: since,
    result: { checkedAt: since, records: [] },
    memory: { ...newMemory, brokenSince: since },
  });
  const { domains } = await overview();
  expect(domains[1]).toMatchObject({
    statusSince: since,
    statusReason,
    lostAt: '2026-11-25T10:00:00.000Z',
  });
  // One key of it is still found.
  expect(domains[2]).toMatchObject({ status: 'at-risk', lostAt: null });
});

test('the mail of the last days is counted for the account and for each domain', async () => {
  const { overview, reputations, tenant } = await givenDomains();
  const at = '2026-11-19T10:00:00.000Z';
  const counts = { outcomes: 100, bounced: 3, complained: 1 };
  await reputations.count({ tenant }, counts, at);
  await reputations.count({ tenant, domain: parseDomainName('a.example') }, counts, at);
  const { domains, mail } = await overview();
  expect(mail).toEqual({ ...counts, standing: 'good' });
  expect(domains[0]?.mail).toEqual({ ...counts, standing: 'good' });
  expect(domains[1]?.mail).toMatchObject({ outcomes: 0, standing: 'good' });
});
