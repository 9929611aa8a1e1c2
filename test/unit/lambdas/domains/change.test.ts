import { beforeEach, describe, expect, test } from 'vitest';
import type { SpfDocument } from '#shared/api/routes/senders.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenTestEnvironment } from './test-environment.ts';

type TestEnvironment = ReturnType<typeof givenTestEnvironment>;
let testEnvironment: TestEnvironment;

const txt = (name: string, value: string): DnsRecord => ({ name, type: 'TXT', value });
const patch = (body: unknown, as?: Parameters<TestEnvironment['ask']>[2]) =>
  testEnvironment.ask('PATCH', '/v1/domains/example.com', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...as,
  });
const stored = async () =>
  (await testEnvironment.claims.get({
    tenant: testEnvironment.tenant,
    domain: 'example.com' as never,
  }))!;

beforeEach(async () => {
  testEnvironment = givenTestEnvironment();
  testEnvironment.dns.zone('amazonses.com', [
    txt('amazonses.com', 'v=spf1 ip4:199.255.192.0/22 -all'),
  ]);
  testEnvironment.dns.zone('other.test', [
    txt('_spf.other.test', 'v=spf1 ip4:192.0.2.0/24 include:deep.other.test -all'),
    txt('deep.other.test', 'v=spf1 ip4:198.51.100.0/24 -all'),
    txt('wide.other.test', `v=spf1 ${'include:deep.other.test '.repeat(8)}-all`),
    { name: 'host.other.test', type: 'A', value: '203.0.113.1' },
  ]);
  await testEnvironment.claim('example.com');
});

describe('PATCH spf', () => {
  test('adds and removes mechanisms, and answers with the record that follows', async () => {
    const { status, body } = await patch({
      spf: { add: ['ip4:192.0.2.0/25', 'ip4:192.0.2.128/25', 'a:host.other.test'], all: '-all' },
    });
    expect(status).toBe(200);
    expect(body.spf).toEqual({
      mechanisms: ['ip4:192.0.2.0/25', 'ip4:192.0.2.128/25', 'a:host.other.test'],
      all: '-all',
      flattened: [],
      record: 'v=spf1 ip4:192.0.2.0/24 include:amazonses.com a:host.other.test -all',
      lookups: 3,
    });
    expect(body.records.find(({ id }) => id === 'spf')!.value).toMatch(/ -all$/);
    expect(await stored()).toMatchObject({ version: 2 });
    const removed = await patch({ spf: { remove: ['ip4:192.0.2.128/25'] } });
    expect(removed.body.spf.mechanisms).toEqual(['ip4:192.0.2.0/25', 'a:host.other.test']);
  });

  test('that changes nothing writes nothing', async () => {
    await patch({ spf: { add: ['ip4:192.0.2.1'] } });
    expect((await patch({ spf: { add: ['ip4:192.0.2.1'] } })).status).toBe(200);
    expect((await stored()).version).toBe(2);
  });

  test('keeps a chain at its length once it grew', async () => {
    const many = Array.from({ length: 45 }, (_, index) => `ip4:198.51.100.${index * 2}`);
    expect((await patch({ spf: { mechanisms: many } })).body.spf.record).toContain(
      ' redirect=_spf1.',
    );
    await patch({ spf: { mechanisms: [] } });
    expect((await stored()).spf).toEqual({ mechanisms: [], records: 3 });
  });

  test.each([
    [{ add: ['-ip4:192.0.2.1'] }, 422, 'spf-invalid'],
    [{ add: ['include:nothing.other.test'] }, 422, 'spf-invalid'],
    [{ add: ['include:_spf.other.test', 'include:wide.other.test'] }, 422, 'spf-too-many-lookups'],
    [
      { add: Array.from({ length: 9 }, (_, n) => `mx:h${n}.other.test`) },
      422,
      'spf-too-many-lookups',
    ],
    [{ add: ['a:x.other.test', 'a:y.other.test', 'a:z.other.test'] }, 422, 'spf-too-many-lookups'],
    [{ mechanisms: Array.from({ length: 90 }, (_, n) => `ip4:10.0.${n}.1`) }, 422, 'spf-too-long'],
    [{ add: ['include:example.com'] }, 422, 'spf-invalid'],
    [{ confirm: ['include:_spf.other.test'] }, 422, 'spf-invalid'],
    [{ add: ['a'], mechanisms: ['a'] }, 400, 'invalid-body'],
    [{ add: 'a' }, 400, 'invalid-body'],
    [{ plus: ['a'] }, 400, 'invalid-body'],
  ])('%j is refused', async (spf, status, code) => {
    const answer = await patch({ spf });
    expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code });
    expect((await stored()).version).toBe(1);
  });

  test('names who is to blame where an include leads nowhere', async () => {
    const { body } = await patch({ spf: { add: ['include:nothing.other.test'] } });
    expect(body['detail']).toBe(
      'The SPF record cannot lead to nothing.other.test: there is no SPF record there. Receivers would count your whole SPF as broken.',
    );
  });

  test('is not held up by DNS that does not answer, nor by the service’s own senders', async () => {
    testEnvironment.dns.silence('other.test');
    testEnvironment.dns.zone('amazonses.com', []);
    expect((await patch({ spf: { add: ['include:_spf.other.test'] } })).status).toBe(200);
  });
});

describe('PATCH dmarc', () => {
  test('changes the policy and the record', async () => {
    const { status, body } = await patch({ dmarc: { p: 'quarantine', sp: null, adkim: 's' } });
    expect(status).toBe(200);
    expect(body.dmarc).toMatchObject({ p: 'quarantine', adkim: 's' });
    expect(body.dmarc!.record).toMatch(/^v=DMARC1; p=quarantine; adkim=s; rua=mailto:/);
  });

  test.each([
    [{ p: 'strict' }, 400, 'invalid-body'],
    [{ pct: 50 }, 400, 'invalid-body'],
    [{ ri: 3600 }, 400, 'invalid-body'],
    [{ rua: ['me@example.com'] }, 422, 'dmarc-invalid'],
  ])('%j is refused', async (dmarc, status, code) => {
    const answer = await patch({ dmarc });
    expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code });
  });
});

describe('PATCH', () => {
  test('of nothing is refused, as is one of what is not there or is being deleted', async () => {
    expect((await patch({})).body['code']).toBe('invalid-body');
    const stranger = { as: givenTenant() };
    expect((await patch({ dmarc: { p: 'none' } }, stranger)).body['code']).toBe('not-found');
    await testEnvironment.ask('DELETE', '/v1/domains/example.com');
    expect((await patch({ dmarc: { p: 'none' } })).body['code']).toBe('domain-deleting');
  });

  test('both at once is one write, tried again where another came between', async () => {
    const update = testEnvironment.claims.update.bind(testEnvironment.claims);
    let rivals = 2;
    testEnvironment.claims.update = async (before, next, limits) => {
      if (rivals > 0) {
        rivals -= 1;
        await update(before, { ...before, version: before.version + 1 });
      }
      await update(before, next, limits);
    };
    const { status, body } = await patch({
      spf: { add: ['a:host.other.test'] },
      dmarc: { p: 'reject' },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dmarc: { p: 'reject' },
      spf: { mechanisms: ['a:host.other.test'] },
    });
    expect((await stored()).version).toBe(4);
  });
});

describe('an include to be flattened', () => {
  const include = 'include:_spf.other.test';

  test('is tracked from then on, and published as it is until its addresses are known', async () => {
    const { body } = await patch({ spf: { add: [{ mechanism: include, flatten: true }] } });
    expect(body.spf).toMatchObject({ mechanisms: [include], flattened: [{ include }] });
    expect(body.spf.record).toContain(include);
    const { label } = await stored();
    expect(await testEnvironment.flattenings.of(label)).toMatchObject([
      { include, dueAt: testEnvironment.now() },
    ]);
  });

  test('whose change is held is published when it is confirmed', async () => {
    await patch({ spf: { add: [{ mechanism: include, flatten: true }] } });
    const [item] = await testEnvironment.flattenings.of((await stored()).label);
    const candidate = { addresses: ['ip4:192.0.2.0/26'], since: testEnvironment.now() };
    await testEnvironment.flattenings.put({
      ...item!,
      revision: 2,
      candidate,
      held: { detail: 'of its 256 IPv4 addresses 64 would be left', since: testEnvironment.now() },
    });
    const sources = async () =>
      (
        (await testEnvironment.ask('GET', '/v1/domains/example.com/spf'))
          .body as unknown as SpfDocument
      ).sources;
    expect((await sources())[1]!.flattening).toMatchObject({
      state: 'held',
      detail: 'of its 256 IPv4 addresses 64 would be left',
      candidate: ['ip4:192.0.2.0/26'],
      published: null,
    });
    const { body } = await patch({ spf: { confirm: [include] } });
    expect(body.spf.record).toBe('v=spf1 ip4:192.0.2.0/26 include:amazonses.com ~all');
    expect(body.spf.flattened).toEqual([
      { include, addresses: ['ip4:192.0.2.0/26'], since: testEnvironment.now() },
    ]);
  });
});

test('GET spf shows what came from where, and all addresses that may send', async () => {
  await patch({
    spf: { add: ['include:_spf.other.test', 'exists:%{i}.other.test', 'ip4:10.0.0.1'] },
  });
  const { status, body } = await testEnvironment.ask('GET', '/v1/domains/example.com/spf');
  const { label, shard } = await stored();
  expect(status).toBe(200);
  expect(body).toEqual({
    name: 'example.com',
    records: [
      {
        name: `_spf.${label}.${shard}`,
        text: 'v=spf1 ip4:10.0.0.1 include:amazonses.com include:_spf.other.test exists:%{i}.other.test ~all',
      },
    ],
    lookups: 4,
    sources: [
      {
        mechanism: 'include:amazonses.com',
        from: 'service',
        addresses: ['ip4:199.255.192.0/22'],
        problem: null,
        flattening: null,
      },
      {
        mechanism: 'include:_spf.other.test',
        from: 'customer',
        addresses: ['ip4:192.0.2.0/24', 'ip4:198.51.100.0/24'],
        problem: null,
        flattening: null,
      },
      {
        mechanism: 'exists:%{i}.other.test',
        from: 'customer',
        addresses: [],
        problem: 'exists:%{i}.other.test depends on the mail, so that it is no list of addresses',
        flattening: null,
      },
      {
        mechanism: 'ip4:10.0.0.1',
        from: 'customer',
        addresses: ['ip4:10.0.0.1'],
        problem: null,
        flattening: null,
      },
    ],
    addresses: ['ip4:199.255.192.0/22', 'ip4:192.0.2.0/24', 'ip4:198.51.100.0/24', 'ip4:10.0.0.1'],
  });
});
