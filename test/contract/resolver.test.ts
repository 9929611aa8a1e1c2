import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dnsResolver } from '#shared/adapters/dns/resolver.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { startDnsServer, type DnsServer } from '../../local/dns/server.ts';
import { zoneFiles } from '../../local/dns/zone-files.ts';
import { FakeDns, TTL, type DnsRecord } from '../fakes/resolver.ts';

const long = `v=DKIM1; k=rsa; p=${'A'.repeat(392)}`;
const many = Array.from({ length: 40 }, (_, index) => `verification=${'x'.repeat(60)}${index}`);

const zones: Record<string, DnsRecord[]> = {
  'example.com': [
    { name: 'example.com', type: 'TXT', value: 'v=spf1 -all' },
    { name: 'bounces.example.com', type: 'MX', value: '10 feedback-smtp.eu-west-1.amazonses.com' },
    { name: 'a._domainkey.example.com', type: 'CNAME', value: 'key.service.example' },
    { name: 'Mixed.example.com'.toLowerCase(), type: 'TXT', value: 'Kept Case' },
    { name: 'dangling.example.com', type: 'CNAME', value: 'nowhere.service.example' },
    { name: 'void.example.com', type: 'CNAME', value: 'here.service.example' },
    { name: 'one.loop.example.com', type: 'CNAME', value: 'two.loop.example.com' },
    { name: 'two.loop.example.com', type: 'CNAME', value: 'one.loop.example.com' },
    { name: 'nomail.example.com', type: 'MX', value: '0 .' },
    { name: 'split.example.com', type: 'TXT', value: 'one two', strings: ['one', ' two'] },
    { name: '*.wild.example.com', type: 'TXT', value: 'everywhere' },
    ...many.map((value) => ({ name: 'many.example.com', type: 'TXT' as const, value })),
  ],
  '2.0.192.in-addr.arpa': [
    { name: '1.2.0.192.in-addr.arpa', type: 'PTR', value: 'here.service.example' },
  ],
  'service.example': [
    { name: 'key.service.example', type: 'TXT', value: long },
    { name: 'here.service.example', type: 'A', value: '192.0.2.1' },
  ],
};

const logged: string[] = [];
const log = (message: string): void => void logged.push(message);

interface Adapter {
  resolver: Resolver;
  close(): Promise<void>;
}

const adapters: Record<string, () => Promise<Adapter>> = {
  'in memory': async () => {
    const resolver = new FakeDns();
    for (const [apex, records] of Object.entries(zones)) resolver.zone(apex, records);
    return { resolver, close: async () => {} };
  },
  'over the wire': async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zones-'));
    for (const [apex, records] of Object.entries(zones)) {
      writeFileSync(join(folder, `${apex}.zone`), zoneFile(records));
    }
    const server: DnsServer = await startDnsServer({
      sources: [zoneFiles(folder, log)],
      port: 0,
      log,
    });
    const address = { address: server.host, port: server.port };
    return {
      resolver: dnsResolver({
        topOf: registrableDomain,
        resolvers: [address, address],
        authoritativePort: server.port,
      }),
      async close() {
        await server.close();
        rmSync(folder, { recursive: true });
        expect(logged).toEqual([]);
      },
    };
  },
};

const zoneFile = (records: readonly DnsRecord[]): string =>
  records
    .map(({ name, type, value, strings }) => {
      const data = strings?.map((part) => `"${part}"`).join(' ') ?? dataOf(type, value);
      return `${name}. ${TTL} IN ${type} ${data}\n`;
    })
    .join('');

function dataOf(type: string, value: string): string {
  if (type === 'TXT') return (value.match(/.{1,255}/g) ?? []).map((part) => `"${part}"`).join(' ');
  return type === 'A' || value.endsWith('.') ? value : `${value}.`;
}

describe.each(Object.entries(adapters))('Resolver %s', (_name, start) => {
  let adapter: Adapter;
  let resolver: Resolver;
  beforeAll(async () => {
    adapter = await start();
    ({ resolver } = adapter);
  });
  afterAll(() => adapter.close());

  test('joins the strings of a TXT record, and keeps their case', async () => {
    expect(await resolver.lookup('key.service.example', 'TXT')).toMatchObject({
      outcome: 'ok',
      values: [long],
      cnames: [],
    });
    expect((await resolver.lookup('mixed.example.com', 'TXT')).values).toEqual(['Kept Case']);
  });

  test('takes names in any case and with a trailing dot', async () => {
    expect((await resolver.lookup('MIXED.Example.com.', 'TXT')).values).toEqual(['Kept Case']);
    const answers = await resolver.authoritative('MIXED.Example.com.', 'TXT');
    expect(answers.map(({ values }) => values)).toEqual([['Kept Case']]);
  });

  test('gives an MX record as preference and host', async () => {
    const { values } = await resolver.lookup('bounces.example.com', 'MX');
    expect(values).toEqual(['10 feedback-smtp.eu-west-1.amazonses.com']);
  });

  test('gives a null MX with the root as its host', async () => {
    expect((await resolver.lookup('nomail.example.com', 'MX')).values).toEqual(['0 .']);
    const [own] = await resolver.authoritative('nomail.example.com', 'MX');
    expect(own?.values).toEqual(['0 .']);
  });

  test('gives the names of an address', async () => {
    const { values } = await resolver.lookup('1.2.0.192.in-addr.arpa', 'PTR');
    expect(values).toEqual(['here.service.example']);
  });

  test('follows a CNAME into another zone, and says where it went', async () => {
    expect(await resolver.lookup('a._domainkey.example.com', 'TXT')).toMatchObject({
      outcome: 'ok',
      values: [long],
      cnames: ['key.service.example'],
    });
  });

  test('gives the CNAME itself where that is asked for', async () => {
    const expected = { outcome: 'ok', values: ['key.service.example'], cnames: [] };
    expect(await resolver.lookup('a._domainkey.example.com', 'CNAME')).toMatchObject(expected);
    expect(await resolver.authoritative('a._domainkey.example.com', 'CNAME')).toEqual([
      { ...expected, ttl: TTL },
    ]);
  });

  test('distinguishes a name without such a record from a name that does not exist', async () => {
    expect(await resolver.lookup('example.com', 'MX')).toEqual({
      outcome: 'ok',
      values: [],
      cnames: [],
    });
    expect(await resolver.lookup('nothing.example.com', 'TXT')).toEqual({
      outcome: 'nxdomain',
      values: [],
      cnames: [],
    });
  });

  test('distinguishes a CNAME to nowhere from one to a name without such a record', async () => {
    expect(await resolver.lookup('dangling.example.com', 'TXT')).toEqual({
      outcome: 'nxdomain',
      values: [],
      cnames: ['nowhere.service.example'],
    });
    expect(await resolver.lookup('void.example.com', 'TXT')).toEqual({
      outcome: 'ok',
      values: [],
      cnames: ['here.service.example'],
    });
  });

  test('does not know what is at the end of a circle', async () => {
    expect((await resolver.lookup('one.loop.example.com', 'TXT')).outcome).toBe('unknown');
  });

  test('answers below a wildcard', async () => {
    expect((await resolver.lookup('x.wild.example.com', 'TXT')).values).toEqual(['everywhere']);
    const answers = await resolver.authoritative('x.wild.example.com', 'TXT');
    expect(answers.map(({ values }) => values)).toEqual([['everywhere']]);
  });

  test('takes answers that are larger than a datagram', async () => {
    const { values } = await resolver.lookup('many.example.com', 'TXT');
    expect(values.toSorted()).toEqual(many.toSorted());
  });

  test('asks each recursive resolver', async () => {
    const answers = await resolver.lookupEverywhere('a._domainkey.example.com', 'TXT');
    expect(answers.map(({ values }) => values)).toEqual([[long], [long]]);
  });

  test('asks the zone itself, and does not follow what it says', async () => {
    expect(await resolver.authoritative('a._domainkey.example.com', 'TXT')).toEqual([
      { outcome: 'ok', values: [], cnames: ['key.service.example'], ttl: TTL },
    ]);
    expect(await resolver.authoritative('dangling.example.com', 'TXT')).toEqual([
      { outcome: 'ok', values: [], cnames: ['nowhere.service.example'], ttl: TTL },
    ]);
    expect(await resolver.authoritative('nothing.example.com', 'TXT')).toEqual([
      { outcome: 'nxdomain', values: [], cnames: [] },
    ]);
  });

  test('gives the TTL of a record set, and the strings of a text that is not split at 255 octets', async () => {
    expect(await resolver.authoritative('split.example.com', 'TXT')).toEqual([
      { outcome: 'ok', values: ['one two'], cnames: [], ttl: TTL, strings: [['one', ' two']] },
    ]);
    const [whole] = await resolver.authoritative('key.service.example', 'TXT');
    expect(whole).toEqual({ outcome: 'ok', values: [long], cnames: [], ttl: TTL });
  });

  test('has no authoritative answer for a domain that no server has', async () => {
    expect(await resolver.authoritative('zero._domainkey.nobody.example', 'TXT')).toEqual([]);
  });

  test('a name too long for DNS has nothing', async () => {
    const name = `${'a'.repeat(64)}.example.com`;
    expect((await resolver.lookup(`${'a.'.repeat(130)}example.com`, 'TXT')).values).toEqual([]);
    expect((await resolver.lookup(name, 'TXT')).values).toEqual([]);
  });
});
