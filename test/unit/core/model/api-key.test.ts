import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiKeyOf, apiKeyPrefix, hashApiKey, isApiKey } from '#shared/core/model/api-key.ts';

test('a key has its form, and its prefix reveals little of it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (random) => {
      const key = apiKeyOf(random);
      expect(isApiKey(key)).toBe(true);
      expect(key.startsWith(apiKeyPrefix(key))).toBe(true);
      expect(apiKeyPrefix(key)).toHaveLength(9);
      expect(hashApiKey(key)).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
});

test('the hash is SHA-256 in hex', () => {
  expect(hashApiKey('abc')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test.each([
  '',
  'sd_',
  `sk_${'a'.repeat(52)}`,
  `sd_${'a'.repeat(51)}`,
  `sd_${'A'.repeat(52)}`,
  `sd_${'a'.repeat(52)}\n`,
])('%j is no key', (text) => {
  expect(isApiKey(text)).toBe(false);
});
