import { beforeEach, describe, expect, test } from 'vitest';
import { prepareKey } from '#shared/core/model/key-ring.ts';
import { keyIdOf } from '#shared/core/model/names.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import { recordsToChange } from '#shared/core/records/records-to-change.ts';
import { givenTestEnvironment } from './test-environment.ts';

type TestEnvironment = ReturnType<typeof givenTestEnvironment>;
let testEnvironment: TestEnvironment;

const send = (method: string, path: string, body: unknown) =>
  testEnvironment.ask(method, path, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const patch = (body: unknown) => send('PATCH', '/v1/domains/example.com', body);
const stored = async () =>
  (await testEnvironment.claims.get({
    tenant: testEnvironment.tenant,
    domain: 'example.com' as never,
  }))!;

/** The DKIM and DMARC records that the customer gets. */
const advised = (records: readonly { id: string; type: string; value: string }[]) =>
  records.filter(({ id }) => id.startsWith('dkim-') || id === 'dmarc');

beforeEach(() => {
  testEnvironment = givenTestEnvironment();
});

describe('a domain that is claimed with "hosting": "self"', () => {
  test('gets its keys and its policy as TXT values, and points at us in nothing of that', async () => {
    const { status, body } = await send('POST', '/v1/domains', {
      name: 'example.com',
      hosting: 'self',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ hosting: 'self', dkim: { prepared: [] } });
    const { keys } = await stored();
    expect(advised(body.records).map(({ type, value }) => [type, value])).toEqual([
      ...keys.map(({ publicKey }) => ['TXT', `v=DKIM1; k=rsa; p=${publicKey}`]),
      ['TXT', expect.stringMatching(/^v=DMARC1; p=none/)],
    ]);
  });

  test('may let us host it before it is proven, with any answer of DNS', async () => {
    await send('POST', '/v1/domains', { name: 'example.com', hosting: 'self' });
    const { status, body } = await patch({ hosting: 'service' });
    expect(status).toBe(200);
    expect(body.hosting).toBe('service');
    expect(new Set(advised(body.records).map(({ type }) => type))).toEqual(new Set(['CNAME']));
  });
});

describe('PATCH hosting of a domain that is proven', () => {
  beforeEach(async () => {
    await send('POST', '/v1/domains', { name: 'example.com' });
    const claim = await stored();
    await testEnvironment.claims.hold(
      claim,
      { ...claim, version: claim.version + 1, status: 'verified', verifiedAt: claim.createdAt },
      claim.createdAt,
    );
  });

  test('to "self" changes no key, and no status', async () => {
    const before = await stored();
    const { status, body } = await patch({ hosting: 'self' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ hosting: 'self', status: 'verified' });
    expect((await stored()).keys).toEqual(before.keys);
  });

  test('back to "service" is refused, with what to change, while any slot does not point at us', async () => {
    await patch({ hosting: 'self' });
    const claim = await stored();
    const { domain } = claim;
    testEnvironment.dns.zone('example.com', [
      ...claim.keys.slice(0, 2).map(({ selector }) => ({
        name: `${selector}._domainkey.${domain}`,
        type: 'CNAME' as const,
        value: hostedKeyName(claim, selector),
      })),
      { name: `two._domainkey.${domain}`, type: 'TXT' as const, value: 'v=DKIM1; k=rsa; p=AAAA' },
    ]);
    const { status, body } = await patch({ hosting: 'service' });
    expect([status, body['code']]).toEqual([409, 'cnames-not-seen']);
    expect(body['detail']).toContain(`two._domainkey.${domain} to two._domainkey.${claim.label}.`);
    expect(body['detail']).not.toContain('one._domainkey');
    expect(await stored()).toEqual(claim);
  });

  test('back to "service" once all three point at us, and nothing more is asked of the customer', async () => {
    await patch({ hosting: 'self' });
    const claim = await stored();
    const [zero, one, two] = claim.keys;
    const ring = [
      { ...zero, state: 'current' as const },
      { ...one, state: 'next' as const },
      { ...two, state: 'previous' as const },
    ] as const;
    const { state: _, since: _since, ...material } = two;
    const fresh = { ...material, id: keyIdOf(new Uint8Array(16).fill(7)), publicKey: 'ZnJlc2g=' };
    const waiting = { ...claim, version: claim.version + 1, keys: prepareKey(ring, fresh) };
    await testEnvironment.claims.update(claim, waiting);
    expect(recordsToChange(await stored())).toHaveLength(1);
    testEnvironment.dns.zone(
      'example.com',
      claim.keys.map(({ selector }) => ({
        name: `${selector}._domainkey.${claim.domain}`,
        type: 'CNAME' as const,
        value: hostedKeyName(claim, selector),
      })),
    );
    const { status, body } = await patch({ hosting: 'service' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ hosting: 'service', dkim: { prepared: [] } });
    expect((await stored()).keys.map(({ id }) => id)).toEqual(ring.map(({ id }) => id));
  });
});
