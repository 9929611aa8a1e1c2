import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiKeyOf, isApiKey, isMistypedApiKey } from '#shared/core/model/api-key.ts';
import {
  isMistypedPlatformKey,
  isPlatformKey,
  platformKeyOf,
} from '#shared/core/model/platform.ts';
import { encodeBase32 } from '#shared/core/model/names.ts';

const random = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('a key', () => {
  test('has the form that scanners search for', () => {
    const key = apiKeyOf(new Uint8Array(32).fill(7));
    expect(key).toMatch(/^sd_[a-z2-7]{59}$/);
    expect(isApiKey(key)).toBe(true);
    expect(isPlatformKey(platformKeyOf(new Uint8Array(32)))).toBe(true);
    expect(isApiKey(platformKeyOf(new Uint8Array(32)))).toBe(false);
  });

  test('of an earlier release has no checksum, and goes on working', () => {
    const old = `sd_${encodeBase32(new Uint8Array(32).fill(7))}`;
    expect(isApiKey(old)).toBe(true);
    expect(isMistypedApiKey(old)).toBe(false);
  });

  test('with one character changed, two swapped or one lost is known as mistyped', () => {
    fc.assert(
      fc.property(random, fc.nat(58), fc.nat(30), (bytes, at, shift) => {
        const key = apiKeyOf(bytes);
        const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
        const place = 3 + at;
        const before = alphabet.indexOf(key[place] as string);
        const other = alphabet[(before + 1 + shift) % 32] as string;
        const changed = key.slice(0, place) + other + key.slice(place + 1);
        const lost = key.slice(0, place) + key.slice(place + 1);
        for (const wrong of [changed, lost, key.toUpperCase().replace('SD_', 'sd_')]) {
          expect(isApiKey(wrong)).toBe(false);
          expect(isMistypedApiKey(wrong)).toBe(true);
        }
        expect(isMistypedApiKey(key)).toBe(false);
      }),
    );
  });

  test.each(['', 'sd', 'secret', `sd_${'a'.repeat(10_000)}`, 'eyJ.a.b'])(
    '%j is none at all',
    (text) => {
      expect(isApiKey(text)).toBe(false);
      expect(isMistypedApiKey(text)).toBe(false);
      expect(isMistypedPlatformKey(text)).toBe(false);
    },
  );
});
