import { describe, expect, test } from 'vitest';
import {
  expandMacros,
  hasMacros,
  isDomainSpec,
  isMacroString,
  type MacroValues,
} from '#shared/core/spf/macro.ts';
import { costOf, MAX_GROWTH } from '../../../support/cost.ts';

/** The examples' sender and address of RFC 7208 §7.4. */
const values: MacroValues = {
  sender: 'strong-bad@email.example.com',
  domain: 'email.example.com',
  dottedIp: '192.0.2.3',
  readableIp: '192.0.2.3',
  ipZone: 'in-addr',
  helo: 'mx.example.org',
  receiver: 'receiver.example',
  epochSeconds: 1_700_000_000,
  validatedName: 'mx.example.org',
};

describe('macros expand', () => {
  test.each([
    ['%{s}', 'strong-bad@email.example.com'],
    ['%{o}', 'email.example.com'],
    ['%{d}', 'email.example.com'],
    ['%{d4}', 'email.example.com'],
    ['%{d3}', 'email.example.com'],
    ['%{d2}', 'example.com'],
    ['%{d1}', 'com'],
    ['%{dr}', 'com.example.email'],
    ['%{d2r}', 'example.email'],
    ['%{l}', 'strong-bad'],
    ['%{l-}', 'strong.bad'],
    ['%{lr}', 'strong-bad'],
    ['%{lr-}', 'bad.strong'],
    ['%{l1r-}', 'strong'],
    ['%{ir}.%{v}._spf.%{d2}', '3.2.0.192.in-addr._spf.example.com'],
    ['%{lr-}.lp.%{ir}.%{v}._spf.%{d2}', 'bad.strong.lp.3.2.0.192.in-addr._spf.example.com'],
    ['%{h}', 'mx.example.org'],
    ['%{p}', 'mx.example.org'],
    ['%{c} %{r} %{t}', '192.0.2.3 receiver.example 1700000000'],
    ['%%%_%-', '% %20'],
    ['%{S}', 'strong-bad%40email.example.com'],
    ['plain', 'plain'],
  ])('%s to %s', (text, expected) => {
    expect(expandMacros(text, values)).toBe(expected);
  });

  test('with delimiters that mean something in an expression', () => {
    const sender = 'a-b+c,d/e_f=g@d.example';
    const split = (macro: string) => expandMacros(macro, { ...values, sender });
    expect(split('%{l-+,/_=}')).toBe('a.b.c.d.e.f.g');
    expect(split('%{l1r.-}')).toBe('a');
  });

  test('an upper-case letter percent-encodes all but the unreserved characters', () => {
    expect(expandMacros('%{L}', { ...values, sender: "it's(*)!~@x.example" })).toBe(
      'it%27s%28%2A%29%21~',
    );
  });
});

describe('a macro string', () => {
  test.each(['', 'a.b', '%{d}', '%{D2r-+}x', '%%', '%_', '%-', '%{t}%{c}%{r}'])(
    '"%s" is one',
    (text) => {
      expect(isMacroString(text)).toBe(true);
    },
  );
  test.each(['%', '%x', '%{', '%{d', '%{z}', '%{d0}', '%{d0r}', '%{d2x}', 'a b', 'a\tb', 'é'])(
    '"%s" is none',
    (text) => {
      expect(isMacroString(text)).toBe(false);
    },
  );
});

describe('a domain spec', () => {
  test.each(['a.b', 'a.b.', '%{d}', 'x.%{d2}', '%{i}.a-b', 'a.1-2', '_spf.%{h}.example', '..com'])(
    '"%s" is one',
    (text) => {
      expect(isDomainSpec(text)).toBe(true);
    },
  );
  test.each(['', 'a', 'a.1', 'a.-b', 'a.b-', 'a.b..', 'a.%{d}b', '%{c}', '%{d0}', 'a.b_c', 'a.%%'])(
    '"%s" is none',
    (text) => {
      expect(isDomainSpec(text)).toBe(false);
    },
  );
});

test('macros show that a text depends on the mail', () => {
  expect(hasMacros('%{i}._spf.example.com')).toBe(true);
  expect(hasMacros('_spf.example.com')).toBe(false);
});

describe('hostile texts are judged in linear time', () => {
  const MAX_PASSES = 60;
  test.each<[string, (size: number) => string]>([
    ['a label that never ends', (size) => `.${'a'.repeat(size)}!`],
    ['hyphens', (size) => `.a${'-'.repeat(size)}`],
    ['dots', (size) => `${'a.'.repeat(size / 2)}!`],
    ['digits in an open macro', (size) => `%{d${'1'.repeat(size)}`],
    ['zeros in an open macro', (size) => `%{d${'0'.repeat(size)}`],
    ['delimiters in an open macro', (size) => `%{d${'.'.repeat(size)}`],
    ['open macros', (size) => '%{d'.repeat(size / 3)],
    ['macros', (size) => `${'%{d1r.-}'.repeat(size / 8)}%`],
    ['percent signs', (size) => '%'.repeat(size + 1)],
  ])('%s', (_, textOf) => {
    expect(isDomainSpec(textOf(60_000))).toBe(false);
    const cost = costOf(60_000, MAX_PASSES, (size) => {
      const text = textOf(size);
      return () => [isDomainSpec(text), isMacroString(text)];
    });
    expect(cost.passes).toBeLessThan(MAX_PASSES);
    expect(cost.growth).toBeLessThan(MAX_GROWTH);
  });
});
