import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTxt, encodeTxt, TxtUnfit } from '#shared/core/records/txt.ts';

/** Any octets, one character each. */
const octets = fc
  .uint8Array({ maxLength: 900 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));

describe('encodeTxt', () => {
  test.each([
    ['v=spf1 -all', '"v=spf1 -all"'],
    ['', '""'],
    ['say "hi" \\o/', String.raw`"say \"hi\" \\o/"`],
    ['\x00\x1f\x7f\xff\n', String.raw`"\000\037\177\377\012"`],
  ])('%j becomes %j', (text, value) => {
    expect(encodeTxt(text)).toBe(value);
  });

  test('splits after 255 octets, in any escaped form', () => {
    expect(encodeTxt('a'.repeat(255))).toBe(`"${'a'.repeat(255)}"`);
    expect(encodeTxt('a'.repeat(256))).toBe(`"${'a'.repeat(255)}" "a"`);
    expect(encodeTxt('"'.repeat(256))).toBe(String.raw`"${'\\"'.repeat(255)}" "\""`);
  });

  test('refuses what Route 53 would not take, saying how long it is', () => {
    expect(encodeTxt('a'.repeat(3953))).toHaveLength(4_000);
    expect(() => encodeTxt('a'.repeat(3954))).toThrow(TxtUnfit);
    expect(() => encodeTxt('a'.repeat(3954))).toThrow('4001 characters');
    expect(() => encodeTxt('\u20ac')).toThrow('not a single octet');
    expect(() => encodeTxt('\u{1f600}')).toThrow(TxtUnfit);
  });

  test('makes strings of at most 255 octets that are printable ASCII only', () => {
    fc.assert(
      fc.property(octets, (text) => {
        const value = encodeTxt(text);
        expect(value).toMatch(/^[\x20-\x7e]*$/);
        const strings = value.match(/"(?:[^"\\]|\\[0-7]{3}|\\["\\])*"/g) ?? [];
        expect(strings.join(' ')).toBe(value);
        for (const string of strings) expect(decodeTxt(string).length).toBeLessThanOrEqual(255);
      }),
    );
  });
});

describe('decodeTxt', () => {
  test('gives back any octets that were encoded', () => {
    fc.assert(
      fc.property(octets, (text) => {
        expect(decodeTxt(encodeTxt(text))).toBe(text);
      }),
    );
  });

  test('joins strings however somebody else split and escaped them', () => {
    expect(decodeTxt(String.raw`"v=spf1 "   "in\143lude:a.example" " ~\a\l\l"`)).toBe(
      'v=spf1 include:a.example ~all',
    );
  });

  test.each(['', 'v=spf1', '"open', '"a" b', '"a"b"', String.raw`"\9"x`, String.raw`"\400"`])(
    'refuses %j, which is no sequence of quoted strings',
    (value) => {
      expect(() => decodeTxt(value)).toThrow(SyntaxError);
    },
  );
});
