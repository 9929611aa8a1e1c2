import { describe, expect, test } from 'vitest';
import { flatten } from '#shared/core/spf/flatten.ts';
import { dnsOf, type Zone } from './memory-dns.ts';

const ttls: Record<string, number> = { 'deep.test': 60, 'mx1.test': 120 };
const flat = (text: string, zone: Zone) => {
  const { lookup } = dnsOf(zone);
  return flatten(text, async (name, type) => ({
    ...(await lookup(name, type)),
    ttl: ttls[name] ?? 300,
  }));
};
const hostAt = (...A: string[]) => flat('a:h.test', { 'h.test': { A } });
const broken = () => Promise.reject(new Error('the resolver is gone'));
const spf = (text: string): Zone => ({ 's.test': { TXT: ['other', text] } });

test('an include is the addresses of its whole tree, aggregated, and as short-lived as the shortest of it', async () => {
  const zone: Zone = {
    's.test': {
      TXT: ['v=spf1 ip4:192.0.2.128/25 include:Deep.test. a:host.test/31 redirect=more.test'],
    },
    'deep.test': { TXT: ['v=spf1 ip4:192.0.2.0/25 mx -all'], MX: ['10 mx1.test', '20 mx2.test'] },
    'mx1.test': { A: ['198.51.100.1'], AAAA: ['2001:db8::1'] },
    'mx2.test': { A: ['198.51.100.9', 'nonsense'] },
    'host.test': { A: ['203.0.113.3'] },
    'more.test': { TXT: ['v=spf1 ip6:2001:db8:1::/48 ~all ip4:10.0.0.1'] },
  };
  expect(await flat('include:s.test', zone)).toEqual({
    kind: 'addresses',
    addresses: [
      'ip4:192.0.2.0/24',
      'ip4:198.51.100.1',
      'ip4:198.51.100.9',
      'ip4:203.0.113.2/31',
      'ip6:2001:db8:1::/48',
      'ip6:2001:db8::1',
    ],
    ttl: 60,
  });
});

test('the same addresses in another order are the same answer', async () => {
  expect(await hostAt('192.0.2.9', '192.0.2.1')).toEqual(await hostAt('192.0.2.1', '192.0.2.9'));
});

test('a network needs no DNS', async () => {
  expect(await flat('ip4:192.0.2.1', {})).toEqual({
    kind: 'addresses',
    addresses: ['ip4:192.0.2.1'],
  });
});

describe('reports what is no list of addresses, and why', () => {
  test.each([
    ['exists:%{i}.test', {}, 'depends on the mail'],
    ['include:%{i}.test', {}, 'depends on the mail'],
    ['include:s.test', spf('v=spf1 exists:x.test -all'), 'depends on the mail'],
    ['include:s.test', spf('v=spf1 ptr -all'), 'depends on the mail'],
    ['include:s.test', spf('v=spf1 redirect=%{d}.test'), 'redirect=%{d}.test depends on the mail'],
    ['include:s.test', spf('v=spf1 +all'), 'lets every address send'],
    ['include:s.test', spf('v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24'), 'is an exception'],
    ['include:s.test', spf('v=spf1 include:S.test'), 'includes itself'],
    ['include:s.test', spf('v=spf1 foo'), 'no such mechanism'],
    ['include:s.test', { 's.test': { TXT: ['v=spf1', 'v=spf1'] } }, 'has 2 SPF records'],
    ['include:s.test', {}, 'has 0 SPF records'],
    ['include:s.test', { 's.test': 'timeout' }, 'DNS does not answer for s.test'],
    ['include:s.test', spf('v=spf1 a:t.test'), undefined],
    ['include:s.test', spf(`v=spf1 ${'a:t.test '.repeat(10)}-all`), 'more than the 10 DNS lookups'],
    [
      'mx:m.test',
      { 'm.test': { MX: Array.from({ length: 11 }, (_, index) => `10 h${index}.test`) } },
      'has 11 MX hosts',
    ],
    [
      'include:s.test',
      spf(
        `v=spf1 ${Array.from({ length: 501 }, (_, n) => `ip4:10.0.${n >> 8}.${n & 255}`).join(' ')}`,
      ),
      'more than 500 networks',
    ],
  ] as [string, Zone, string | undefined][])('%s %j', async (text, zone, why) => {
    const result = await flat(text, zone);
    if (why === undefined) expect(result).toMatchObject({ kind: 'addresses', addresses: [] });
    else expect(result).toMatchObject({ kind: 'failed', detail: expect.stringContaining(why) });
  });
});

test('an error of the lookup itself is not taken for an answer', async () => {
  await expect(flatten('a:x.test', broken)).rejects.toThrow('the resolver is gone');
});
