import { describe, expect, test } from 'vitest';
import { requireClaimable } from '#shared/core/model/claimable.ts';
import { parseDomainName, type DomainName } from '#shared/core/model/names.ts';
import { refusalOf } from '../../../support/refusal.ts';

describe('requireClaimable', () => {
  const zone = 'sd.example.net' as DomainName;
  const claim = (name: string) => requireClaimable(parseDomainName(name), zone);

  test.each([
    'example.com',
    'me.github.io',
    'example.co.uk',
    'deep.mail.example.com',
    'example.net',
    'mail.example',
    'www.ck',
  ])('%s can be claimed', (name) => {
    expect(() => claim(name)).not.toThrow();
  });

  test.each(['github.io', 'co.uk', 's3.amazonaws.com', 'foo.ck'])(
    '%s is a public suffix',
    (name) => {
      expect(refusalOf(() => claim(name)).code).toBe('domain-is-public-suffix');
    },
  );

  test.each([
    ['sd.example.net', 'this service'],
    ['s1.sd.example.net', 'this service'],
    ['a.localhost', '.localhost'],
    ['printer.local', '.local'],
    ['hidden.onion', '.onion'],
    ['2.0.192.in-addr.arpa', '.arpa'],
    ['corp.internal', '.internal'],
    [`${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example`, 'no room'],
    [`${'a.'.repeat(32)}example`, 'labels'],
  ])('%s cannot be claimed: %s', (name, why) => {
    const refusal = refusalOf(() => claim(name));
    expect(refusal.code).toBe('domain-not-claimable');
    expect(refusal.message).toContain(why);
  });

  test("a name that only ends in the zone's letters is another name", () => {
    expect(() => claim('xsd.example.net')).not.toThrow();
  });
});
