import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dottedIp,
  formatIp,
  isInNetwork,
  parseIp,
  parseIp4,
  parseIp6,
} from '#shared/core/spf/ip-address.ts';

const octets = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

describe('an IPv4 address', () => {
  test.each(['0.0.0.0', '192.0.2.1', '255.255.255.255'])('%s is one', (text) => {
    expect(parseIp4(text)?.join('.')).toBe(text);
  });

  test.each(['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.', '1.2.3.x', ' 1.2.3.4'])(
    '"%s" is none',
    (text) => {
      expect(parseIp4(text)).toBeUndefined();
    },
  );
});

describe('an IPv6 address', () => {
  test.each([
    ['::', Array(16).fill(0)],
    ['::1', [...Array(15).fill(0), 1]],
    ['2001:db8::', [0x20, 1, 0xd, 0xb8, ...Array(12).fill(0)]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['64:ff9b::192.0.2.33', [0, 0x64, 0xff, 0x9b, ...Array(8).fill(0), 192, 0, 2, 33]],
    ['1:2:3:4:5:6:7::', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
  ])('%s is one', (text, expected) => {
    expect([...parseIp6(text)!]).toEqual(expected);
  });

  test.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3',
    '::x:1.2.3.4',
  ])('"%s" is none', (text) => {
    expect(parseIp6(text)).toBeUndefined();
  });
});

test('an IPv4-mapped address is the IPv4 address', () => {
  expect([...parseIp('::ffff:192.0.2.1')!]).toEqual([192, 0, 2, 1]);
  expect(parseIp('::fffe:192.0.2.1')).toHaveLength(16);
  expect(parseIp('::ff:192.0.2.1')).toHaveLength(16);
});

test('formatting and parsing undo each other', () => {
  fc.assert(
    fc.property(fc.oneof(octets(4), octets(16), zeroish), (address) => {
      const parsed =
        address.length === 4 ? parseIp4(formatIp(address)) : parseIp6(formatIp(address));
      expect([...parsed!]).toEqual([...address]);
    }),
  );
});

/** Most groups zero, so that runs of every length and place come up. */
const zeroish = fc
  .array(fc.boolean(), { minLength: 8, maxLength: 8 })
  .map((bits) => Uint8Array.from(bits.flatMap((bit) => [0, bit ? 1 : 0])));

test('an address is in a network where their first bits are the same', () => {
  const size = fc.constantFrom(4, 16);
  fc.assert(
    fc.property(
      size.chain((n) => fc.tuple(octets(n), octets(n), fc.nat(n * 8), fc.nat(n * 8))),
      ([address, other, prefix, shared]) => {
        const network = address.map((octet, index) =>
          index * 8 + 8 <= shared ? octet : other[index]!,
        );
        const same = bitsOf(address).slice(0, prefix) === bitsOf(network).slice(0, prefix);
        expect(isInNetwork(address, network, prefix)).toBe(same);
      },
    ),
  );
  expect(isInNetwork(parseIp('192.0.2.1')!, parseIp('::1')!, 0)).toBe(false);
});

test('dotted, an IPv6 address is its nibbles', () => {
  expect(dottedIp(parseIp('192.0.2.1')!)).toBe('192.0.2.1');
  expect(dottedIp(parseIp('2001:db8::cb01')!)).toBe(
    '2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.C.B.0.1',
  );
});

const bitsOf = (address: Uint8Array) =>
  [...address].map((octet) => octet.toString(2).padStart(8, '0')).join('');
