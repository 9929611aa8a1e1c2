import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '#shared/core/model/errors.ts';
import {
  encodeBase32,
  encodeRandom128,
  isAtOrBelow,
  isLabel,
  isMessageId,
  keyIdOf,
  labelOf,
  messageIdOf,
  namesAbove,
  parseDomainName,
  tenantIdOf,
  type DomainName,
} from '#shared/core/model/names.ts';
import { refusalOf } from '../../../support/refusal.ts';

describe('parseDomainName', () => {
  test.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.Com', 'example.com'],
    ['  example.com. ', 'example.com'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['xn--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['faß.de', 'xn--fa-hia.de'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['example．com。', 'example.com'],
    ['a-b.c--d.example', 'a-b.c--d.example'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
    ['3com.com', '3com.com'],
  ])('%s is %s', (typed, name) => {
    expect(parseDomainName(typed)).toBe(name);
  });

  test.each([
    ['', 'empty'],
    [' ', 'empty'],
    ['.', 'not a domain name'],
    ['com', 'one label'],
    ['me@example.com', 'email address'],
    ['https://example.com', 'URL'],
    ['example.com:25', 'port'],
    ['example.com/path', 'URL'],
    ['example.com?x', 'URL'],
    ['exa mple.com', 'character'],
    ['*.example.com', 'character'],
    ['_dmarc.example.com', 'character'],
    ['ex%41mple.com', 'character'],
    ['a\0b.com', 'character'],
    ['a..example', 'empty label'],
    ['.example.com', 'empty label'],
    ['example.com..', 'empty label'],
    ['-a.example', 'inner hyphens'],
    ['a-.example', 'inner hyphens'],
    [`${'a'.repeat(64)}.example`, '1 to 63'],
    [`${'a.'.repeat(130)}example`, 'longer than 253'],
    ['a'.repeat(1025), 'longer than a domain name'],
    ['192.0.2.1', 'IP address'],
    ['127.1', 'IP address'],
    ['0x7f.1', 'IP address'],
    ['[2001:db8::1]', 'URL'],
    ['exam<ple.com', 'IDNA'],
    ['xn--a.example', 'encoding'],
    ['example;.com', 'letters'],
  ])('%j is refused: %s', (typed, why) => {
    const refusal = refusalOf(() => parseDomainName(typed));
    expect(refusal.code).toBe('domain-invalid');
    expect(refusal.message).toContain(why);
  });

  test('a refusal quotes at most 80 characters, and no control characters', () => {
    const { message } = refusalOf(() => parseDomainName(`a\u0007${'x'.repeat(500)} .example`));
    expect(message).not.toMatch(/\p{C}/u);
    expect(message.length).toBeLessThan(200);
  });

  test('any input is refused or becomes a canonical name that parses to itself', () => {
    const typed = fc.oneof(
      fc.domain(),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc
        .array(fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', 'ü', '.', 'xn--') }), {
          maxLength: 6,
        })
        .map((labels) => labels.join('.')),
    );
    fc.assert(
      fc.property(typed, (text) => {
        let name: DomainName;
        try {
          name = parseDomainName(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          return;
        }
        expect(name).toMatch(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]+$/);
        expect(parseDomainName(name)).toBe(name);
        expect(parseDomainName(`${name.toUpperCase()}.`)).toBe(name);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a name is at or below another by whole labels', () => {
  expect(isAtOrBelow('example.com', 'example.com')).toBe(true);
  expect(isAtOrBelow('a.example.com', 'example.com')).toBe(true);
  expect(isAtOrBelow('anexample.com', 'example.com')).toBe(false);
  expect(isAtOrBelow('com', 'example.com')).toBe(false);
});

test('the names above have two labels or more, nearest first', () => {
  expect(namesAbove('a.b.example.com' as DomainName)).toEqual(['b.example.com', 'example.com']);
  expect(namesAbove('example.com' as DomainName)).toEqual([]);
});

describe('base32', () => {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  const decode = (text: string, size: number): bigint => {
    const value = text
      .split('')
      .reduce((sum, digit) => sum * 32n + BigInt(alphabet.indexOf(digit)), 0n);
    return value >> BigInt(text.length * 5 - size * 8);
  };

  test('the vectors of RFC 4648 §10, in lower case without padding', () => {
    const vectors = {
      '': '',
      f: 'my',
      fo: 'mzxq',
      foo: 'mzxw6',
      foob: 'mzxw6yq',
      fooba: 'mzxw6ytb',
      foobar: 'mzxw6ytboi',
    };
    for (const [text, encoded] of Object.entries(vectors)) {
      expect(encodeBase32(Buffer.from(text))).toBe(encoded);
    }
  });

  test('no two values of 16 or 32 bytes share an encoding: it decodes', () => {
    for (const size of [16, 32]) {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: size, maxLength: size }), (bytes) => {
          const text = encodeBase32(bytes);
          expect(text).toHaveLength(Math.ceil((size * 8) / 5));
          expect(decode(text, size)).toBe(BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
        }),
      );
    }
  });

  test('ids of each kind differ by their form', () => {
    const bytes = new Uint8Array(16).fill(255);
    expect(isLabel(labelOf(bytes))).toBe(true);
    expect(isMessageId(messageIdOf(bytes))).toBe(true);
    expect(isMessageId(keyIdOf(bytes))).toBe(false);
    expect(isLabel(tenantIdOf(bytes))).toBe(false);
    expect(isLabel('A'.repeat(26))).toBe(false);
    expect(() => encodeRandom128(new Uint8Array(15))).toThrow(RangeError);
  });
});
