import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import { shardNames } from '#shared/core/model/deployment.ts';
import { CLAIMS_PER_SHARD } from '#shared/core/records/capacity.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import type { DomainName, ShardName } from '#shared/core/model/names.ts';
import { ShardFull } from '#shared/app/ports/claim-store.ts';
import { chooseShard } from '#shared/app/claims/choose-shard.ts';
import { startingPolicy } from '#shared/app/claims/starting-policy.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { deployment, givenTenant } from '../../../fakes/given-claim.ts';
import { givenTestEnvironment } from './test-environment.ts';

const domain = 'example.com' as DomainName;
const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });

/** A document without the labels that it names. */
const withoutLabels = (document: DomainDocument) =>
  JSON.parse(JSON.stringify(document).replaceAll(/[a-z2-7]{26}(\.s\d)?/g, 'LABEL')) as unknown;

async function choose(counts: number[]): Promise<ShardName> {
  const shards = shardNames({ zone: deployment.zone, shards: counts.length });
  const claims = new MemoryClaimStore();
  claims.shardCounts = async () =>
    new Map(shards.map((shard, index) => [shard, counts[index] ?? 0]));
  return chooseShard({
    deployment: { ...deployment, shards: counts.length },
    claims,
    random: { bytes: (size) => crypto.getRandomValues(new Uint8Array(size)) },
  });
}

const chosen = async (counts: number[]) => {
  const shards = await Promise.all(Array.from({ length: 200 }, () => choose(counts)));
  return [...new Set(shards)].toSorted();
};

describe('POST /v1/domains', () => {
  test('answers with the records to publish, and where the domain is', async () => {
    const testEnvironment = givenTestEnvironment();
    testEnvironment.dns.zone('example.com');
    testEnvironment.dns.zone('com');
    const { status, body, headers } = await testEnvironment.claim('EXAMPLE.com.');
    expect(status).toBe(201);
    expect(headers['location']).toBe('/v1/domains/example.com');
    expect(body).toMatchObject({ name: 'example.com', status: 'pending', sending: 'preparing' });
    expect(body.dmarc).toMatchObject({ p: 'none' });
    const claim = await testEnvironment.claims.get({ tenant: testEnvironment.tenant, domain });
    expect(body.records[0]).toMatchObject({
      name: 'zero._domainkey.example.com',
      value: `zero._domainkey.${claim?.label}.${claim?.shard}`,
    });
    expect((await testEnvironment.ask('GET', '/v1/domains/example.com')).body).toEqual(body);
  });

  test('is checked within a minute even where every enqueue is lost', async () => {
    const testEnvironment = givenTestEnvironment();
    const { body } = await testEnvironment.claim('example.com');
    const claim = await testEnvironment.claims.get({ tenant: testEnvironment.tenant, domain });
    const { dueAt } = testEnvironment.checks.items.get(claim!.label)!;
    expect(Date.parse(dueAt) - Date.parse(body.createdAt)).toBe(60_000);
  });

  test('each slot has a key of its own, bound to tenant, domain, selector and id', async () => {
    const testEnvironment = givenTestEnvironment();
    await testEnvironment.claim('example.com');
    const claim = await testEnvironment.claims.get({ tenant: testEnvironment.tenant, domain });
    expect(claim?.keys.map(({ state }) => state)).toEqual(['current', 'next', 'spare']);
    expect(testEnvironment.forged).toEqual(
      claim?.keys.map(({ id, selector }) => ({
        tenant: testEnvironment.tenant,
        domain,
        selector,
        keyId: id,
      })),
    );
    for (const { id, publicKey, wrappedPrivateKey } of claim?.keys ?? []) {
      expect(Buffer.from(publicKey, 'base64').toString()).toBe(`public ${id}`);
      expect(Buffer.from(wrappedPrivateKey, 'base64').toString()).toBe(`wrapped ${id}`);
    }
  });

  test('starts with the DMARC policy in effect, without another claim’s report address', async () => {
    const testEnvironment = givenTestEnvironment();
    testEnvironment.dns.zone('example.com', [
      {
        name: '_dmarc.example.com',
        type: 'TXT',
        value: 'v=DMARC1; p=reject; rua=mailto:other@reports.sd.example.net,mailto:me@example.com',
      },
    ]);
    const { body } = await testEnvironment.claim('example.com');
    expect(body.dmarc).toMatchObject({
      p: 'reject',
      rua: ['mailto:me@example.com'],
      start: expect.stringMatching(/^Nothing changes for your mail/),
    });
  });

  test('says what changes where the policy in effect is for a share of the mail', async () => {
    const testEnvironment = givenTestEnvironment();
    testEnvironment.dns.zone('example.com', [
      { name: '_dmarc.example.com', type: 'TXT', value: 'v=DMARC1; p=reject; pct=0' },
    ]);
    const { body } = await testEnvironment.claim('example.com');
    expect(body.dmarc).toMatchObject({
      p: 'quarantine',
      start: expect.stringMatching(/^No receiver is stricter .* "pct" was removed from DMARC/),
    });
  });

  test('leaves the policy open where DNS does not answer', async () => {
    const testEnvironment = givenTestEnvironment();
    testEnvironment.dns.zone('example.com');
    testEnvironment.dns.silence('example.com');
    expect((await testEnvironment.claim('example.com')).body.dmarc).toBeNull();
  });

  test('does not wait for DNS beyond its retries', async () => {
    const resolver = { lookup: () => new Promise<never>(() => {}) };
    expect(await startingPolicy(domain, { deployment, resolver }, 20)).toEqual({});
  });

  test('waits while KMS throttles, then asks to come again; nothing is left behind', async () => {
    const testEnvironment = givenTestEnvironment();
    testEnvironment.forgeFailures.push(new Throttled('KMS'), new Throttled('KMS'));
    expect((await testEnvironment.claim('example.com')).status).toBe(201);
    testEnvironment.forgeFailures.push(...Array.from({ length: 100 }, () => new Throttled('KMS')));
    const { status, body, headers } = await testEnvironment.claim('example.org');
    expect([status, body['code'], headers['retry-after']]).toEqual([503, 'busy', '10']);
    expect((await testEnvironment.ask('GET', '/v1/domains/example.org')).status).toBe(404);
  });

  test('a failure of KMS is ours: reported, answered without its words, nothing claimed', async () => {
    const testEnvironment = givenTestEnvironment();
    testEnvironment.forgeFailures.push(new Error('AccessDenied for role x'));
    const { status, text } = await testEnvironment.claim('example.com');
    expect(status).toBe(500);
    expect(text).not.toContain('AccessDenied');
    expect(testEnvironment.reported).toHaveLength(1);
    expect((await testEnvironment.ask('GET', '/v1/domains/example.com')).status).toBe(404);
  });

  test.each([
    ['exa_mple.com', 422, 'domain-invalid'],
    ['co.uk', 422, 'domain-is-public-suffix'],
    ['s1.sd.example.net', 422, 'domain-not-claimable'],
    ['', 400, 'invalid-body'],
    [7, 400, 'invalid-body'],
    [null, 400, 'invalid-body'],
    [{ name: 'example.com' }, 400, 'invalid-body'],
    ['a'.repeat(5_000_000), 413, 'payload-too-large'],
  ])('%j is refused with %i %s, before keys are made', async (name, status, code) => {
    const testEnvironment = givenTestEnvironment();
    const refused = await testEnvironment.claim(name);
    expect([refused.status, refused.body['code']]).toEqual([status, code]);
    expect(refused.headers['content-type']).toBe('application/problem+json');
    expect(testEnvironment.forged).toEqual([]);
  });

  test('claiming twice is refused; another tenant’s claim is answered as if it were the first', async () => {
    const testEnvironment = givenTestEnvironment();
    const first = await testEnvironment.claim('example.com');
    const again = await testEnvironment.claim('EXAMPLE.COM');
    expect([again.status, again.body['code']]).toEqual([409, 'domain-already-claimed']);
    const rival = givenTenant();
    const other = await testEnvironment.claim('example.com', { as: rival });
    expect(other.status).toBe(201);
    expect(withoutLabels(other.body)).toEqual(withoutLabels(first.body));
  });

  test('of ten at once, one is made and nine get that answer', async () => {
    const testEnvironment = givenTestEnvironment();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => testEnvironment.claim('example.com')),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  });

  test('fifty are pending and no more, and the refused one costs no keys', async () => {
    const testEnvironment = givenTestEnvironment();
    for (let index = 0; index < 50; index += 1) await testEnvironment.claim(`d${index}.example`);
    const keys = testEnvironment.forged.length;
    const { status, body } = await testEnvironment.claim('one-more.example');
    expect([status, body['code']]).toEqual([429, 'too-many-pending-claims']);
    expect(testEnvironment.forged).toHaveLength(keys);
    expect(body).toMatchObject({ budget: 'pending-claims', retryAfter: 3_600 });
    // A deleted one keeps its place until the check that follows has seen that nothing points at it.
    await testEnvironment.ask('DELETE', '/v1/domains/d0.example');
    expect((await testEnvironment.claim('one-more.example')).status).toBe(429);
    const [sent] = testEnvironment.checkQueue.take();
    expect(sent?.request.domain).toBe('d0.example');
    const deleted = (await testEnvironment.claims.getByLabel(sent!.request.label))!;
    await testEnvironment.claims.retire(deleted, { ...deleted, lifecycle: 'expired' });
    expect((await testEnvironment.claim('one-more.example')).status).toBe(201);
  });
});

describe('Idempotency-Key', () => {
  test('the same request again is answered as the first time', async () => {
    const testEnvironment = givenTestEnvironment();
    const first = await testEnvironment.claim('example.com', keyed('k1'));
    const second = await testEnvironment.claim('example.com', keyed('k1'));
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect(testEnvironment.forged).toHaveLength(3);
    const stored = await testEnvironment.claims.get({ tenant: testEnvironment.tenant, domain });
    expect(stored?.idempotencyKey).toBe(createHash('sha256').update('k1').digest('hex'));
  });

  test('and runs once when several come at once', async () => {
    const testEnvironment = givenTestEnvironment();
    const answers = await Promise.all(
      [1, 2, 3].map(() => testEnvironment.claim('example.com', keyed('k1'))),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 409, 409]);
    expect(answers[1]).toMatchObject({
      body: { code: 'request-in-progress' },
      headers: { 'retry-after': '2' },
    });
    expect(testEnvironment.forged).toHaveLength(3);
  });

  test('the key with another body is refused, and changes nothing', async () => {
    const testEnvironment = givenTestEnvironment();
    await testEnvironment.claim('example.com', keyed('k1'));
    const { status, body } = await testEnvironment.claim('example.org', keyed('k1'));
    expect([status, body['code']]).toEqual([422, 'idempotency-key-reused']);
    expect((await testEnvironment.ask('GET', '/v1/domains/example.org')).status).toBe(404);
  });

  test('keys of other tenants and other keys of one’s own are other requests', async () => {
    const testEnvironment = givenTestEnvironment();
    await testEnvironment.claim('example.com', keyed('k1'));
    expect(
      (await testEnvironment.claim('example.org', { ...keyed('k1'), as: givenTenant() })).status,
    ).toBe(201);
    expect((await testEnvironment.claim('example.com', keyed('k2'))).status).toBe(409);
  });

  test.each(['', 'a b', 'ü', 'k'.repeat(256)])('%j is no key', async (key) => {
    const { status, body } = await givenTestEnvironment().claim('example.com', keyed(key));
    expect([status, body['code']]).toEqual([400, 'invalid-parameter']);
  });

  test('a repeated request does not undo a deletion that came between', async () => {
    const testEnvironment = givenTestEnvironment();
    await testEnvironment.claim('example.com', keyed('k1'));
    await testEnvironment.ask('DELETE', '/v1/domains/example.com');
    const key = { tenant: testEnvironment.tenant, domain };
    expect((await testEnvironment.claim('example.com', keyed('k1'))).status).toBe(201);
    expect((await testEnvironment.claims.get(key))?.lifecycle).toBe('deleting');
    // The claim has the key for longer than the answer is stored.
    testEnvironment.pass(25 * 3_600);
    const { status, body } = await testEnvironment.claim('Example.com', keyed('k1'));
    expect([status, body.lifecycle]).toEqual([201, 'deleting']);
  });
});

describe('the shard of a claim', () => {
  test('is one of the emptiest, at random', async () => {
    expect(await chosen([0, 5, 900, 0])).toEqual([
      's1.sd.example.net',
      's2.sd.example.net',
      's4.sd.example.net',
    ]);
    expect(await chosen([CLAIMS_PER_SHARD, CLAIMS_PER_SHARD - 1])).toEqual(['s2.sd.example.net']);
  });

  test('is as likely one that has a twentieth of its room taken more than the emptiest', async () => {
    const twentieth = Math.floor(CLAIMS_PER_SHARD / 20);
    expect(await chosen([0, twentieth, twentieth + 1])).toEqual([
      's1.sd.example.net',
      's2.sd.example.net',
    ]);
  });

  test('is refused where all are full', async () => {
    await expect(choose([CLAIMS_PER_SHARD, CLAIMS_PER_SHARD])).rejects.toMatchObject({
      code: 'no-capacity',
    });
  });

  test('is chosen again where it filled up meanwhile, with the same keys', async () => {
    const testEnvironment = givenTestEnvironment();
    const create = testEnvironment.claims.create.bind(testEnvironment.claims);
    const tried: ShardName[] = [];
    testEnvironment.claims.create = async (claim, limits) => {
      tried.push(claim.shard);
      if (tried.length < 3) throw new ShardFull(claim.shard);
      await create(claim, limits);
    };
    expect((await testEnvironment.claim('example.com')).status).toBe(201);
    expect(tried).toHaveLength(3);
    expect(testEnvironment.forged).toHaveLength(3);
    testEnvironment.claims.create = (claim) => Promise.reject(new ShardFull(claim.shard));
    expect((await testEnvironment.claim('example.org')).body['code']).toBe('no-capacity');
  });
});
