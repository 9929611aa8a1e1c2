import { describe, expect, test } from 'vitest';
import {
  bindingBeyond,
  hasExpired,
  isInRanges,
  parseAddressRange,
} from '#shared/core/model/key-binding.ts';
import type { DomainName } from '#shared/core/model/names.ts';

describe('a range of addresses', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7/32'],
    [' 192.0.2.0/24 ', '192.0.2.0/24'],
    ['2001:DB8::/32', '2001:db8::/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ])('%j is %s', (given, range) => {
    expect(parseAddressRange(given)).toBe(range);
  });

  test.each(['', '192.0.2', '192.0.2.0/33', '192.0.2.0/', '::/129', '::1%eth0', 'a/8', '::1/8/8'])(
    '%j is none',
    (given) => {
      expect(() => parseAddressRange(given)).toThrow('is no range of addresses');
    },
  );

  test.each([
    ['192.0.2.255', true],
    ['192.0.3.0', false],
    ['::ffff:192.0.2.1', true],
    ['2001:db8:1::5', true],
    ['2001:db9::', false],
    ['unix', false],
  ])('%s is in 192.0.2.0/24 or 2001:db8::/32: %s', (address, isIn) => {
    expect(isInRanges(address, ['192.0.2.0/24', '2001:db8::/32'])).toBe(isIn);
  });
});

describe('a binding beyond another', () => {
  const a = 'a.example' as DomainName;
  const b = 'b.example' as DomainName;

  test('is one that leaves out a limit, or has a wider one', () => {
    expect(bindingBeyond({}, {})).toBeUndefined();
    expect(bindingBeyond({ domains: [a] }, {})).toBeUndefined();
    expect(bindingBeyond({ domains: [a] }, { domains: [a, b] })).toBeUndefined();
    expect(bindingBeyond({}, { domains: [a] })).toContain('a.example');
    expect(bindingBeyond({ domains: [a, b] }, { domains: [a] })).toContain('a.example');
    const four = { addresses: ['10.0.0.0/8'] };
    expect(bindingBeyond({ addresses: ['10.1.2.3/32'] }, four)).toBeUndefined();
    expect(bindingBeyond({ addresses: ['10.0.0.0/7'] }, four)).toContain('10.0.0.0/8');
    expect(bindingBeyond({ addresses: ['::/0'] }, four)).toContain('10.0.0.0/8');
    expect(bindingBeyond({}, four)).toContain('10.0.0.0/8');
    const end = { expiresAt: '2027-01-01T00:00:00.000Z' };
    expect(bindingBeyond(end, end)).toBeUndefined();
    expect(bindingBeyond({}, end)).toContain('2027');
  });

  test('a key ends at its end, to the millisecond', () => {
    const end = { expiresAt: '2027-01-01T00:00:00.000Z' };
    expect(hasExpired(end, new Date('2026-12-31T23:59:59.999Z'))).toBe(false);
    expect(hasExpired(end, new Date(end.expiresAt))).toBe(true);
    expect(hasExpired({}, new Date(end.expiresAt))).toBe(false);
  });
});
