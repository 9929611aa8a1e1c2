import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isSpfRecord,
  MAX_RECORD_LENGTH,
  parseSpf,
  SpfSyntaxError,
} from '#shared/core/spf/record.ts';
import { costOf, MAX_GROWTH } from '../../../support/cost.ts';

const only = (term: string) => parseSpf(`v=spf1 ${term}`).mechanisms[0];

test('a TXT value is an SPF record by its version alone', () => {
  expect(['v=spf1', 'v=spf1 -all', 'V=SPF1 x'].map(isSpfRecord)).toEqual([true, true, true]);
  expect(['v=spf10', 'v=spf', ' v=spf1', 'v=spf1\t-all', ''].map(isSpfRecord)).toEqual(
    Array(5).fill(false),
  );
});

describe('each mechanism is read', () => {
  test.each([
    ['all', { kind: 'all', qualifier: 'pass', text: 'all' }],
    ['-ALL', { kind: 'all', qualifier: 'fail', text: '-ALL' }],
    ['~all', { kind: 'all', qualifier: 'softfail' }],
    ['?all', { kind: 'all', qualifier: 'neutral' }],
    ['+include:a.example', { kind: 'include', qualifier: 'pass', domain: 'a.example' }],
    ['exists:%{i}.a.example', { kind: 'exists', domain: '%{i}.a.example' }],
    ['a', { kind: 'a', prefix4: 32, prefix6: 128 }],
    ['a/24', { kind: 'a', prefix4: 24, prefix6: 128 }],
    ['a//64', { kind: 'a', prefix4: 32, prefix6: 64 }],
    ['mx:a.example/24//64', { kind: 'mx', domain: 'a.example', prefix4: 24, prefix6: 64 }],
    ['ptr', { kind: 'ptr' }],
    ['ptr:a.example', { kind: 'ptr', domain: 'a.example' }],
    ['ip4:192.0.2.0/24', { kind: 'ip4', network: Uint8Array.of(192, 0, 2, 0), prefix: 24 }],
    ['ip4:192.0.2.1', { kind: 'ip4', prefix: 32 }],
    ['ip6:::1', { kind: 'ip6', prefix: 128 }],
    ['ip6:2001:db8::/0', { kind: 'ip6', prefix: 0 }],
  ])('%s', (term, expected) => {
    expect(only(term)).toMatchObject(expected);
  });
});

test('modifiers are read at any place, unknown ones are passed over', () => {
  expect(parseSpf('v=spf1 redirect=a.example exp=b.example -all x-y.z_1=%{d}')).toMatchObject({
    redirect: 'a.example',
    exp: 'b.example',
    mechanisms: [{ kind: 'all' }],
  });
  expect(parseSpf('v=spf1')).toEqual({ mechanisms: [] });
});

describe('one error makes the record void', () => {
  test.each([
    ['all:a.example', 'all takes nothing'],
    ['include', 'needs a colon'],
    ['include:', 'is no domain name'],
    ['exists:a', 'is no domain name'],
    ['a.example', 'needs a colon'],
    ['a:', 'is no domain name'],
    ['a/33', '0 to 32'],
    ['a//129', '0 to 128'],
    ['a/024', '0 to 32'],
    ['mx/', 'needs a colon'],
    ['ptr:', 'is no domain name'],
    ['ip4', 'needs a colon'],
    ['ip4:1.2.3', 'no address of that kind'],
    ['ip4:::1', 'no address of that kind'],
    ['ip4:1.2.3.4/', '0 to 32'],
    ['ip6:1.2.3.4', 'no address of that kind'],
    ['ip6:::1/x', '0 to 128'],
    ['-', 'no such mechanism'],
    ['--all', 'no such mechanism'],
    ['ip5:1.2.3.4', 'no such mechanism'],
    ['1=2', 'no such mechanism'],
    ['x=%', 'no macro string'],
    ['redirect=', 'is no domain name'],
    ['redirect=a.example redirect=a.example', 'only once'],
    ['exp=a.example exp=a.example', 'only once'],
  ])('%s', (term, why) => {
    expect(() => parseSpf(`v=spf1 -all ${term}`)).toThrow(SpfSyntaxError);
    expect(() => parseSpf(`v=spf1 -all ${term}`)).toThrow(why);
  });

  test('so does a length that no sender needs', () => {
    const longest = `v=spf1 x=${'a'.repeat(MAX_RECORD_LENGTH - 9)}`;
    expect(parseSpf(longest)).toEqual({ mechanisms: [] });
    expect(() => parseSpf(`${longest}a`)).toThrow('8193 characters');
  });
});

/** Reads a text, which may be none of SPF, but must then be refused as such. */
function readOrRefuse(text: string): void {
  try {
    parseSpf(text);
  } catch (error) {
    if (!(error instanceof SpfSyntaxError)) throw error;
  }
}

test('any text at all is read or refused', () => {
  const part = fc.constantFrom(
    '%{d',
    '}',
    '/',
    '//',
    '1',
    'a',
    ':',
    '=',
    ' ',
    '.',
    '-',
    'ip4:',
    'a:',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 2_000 }), (parts) => {
      expect(() => readOrRefuse(`v=spf1 ${parts.join('')}`)).not.toThrow();
    }),
    { numRuns: 200 },
  );
});

describe('a text that repeats itself is read or refused in linear time', () => {
  const MAX_PASSES = 200;
  test.each(['/1', '/', 'a', '1', '.a', '%{d1', '-'])('%s', (part) => {
    for (const head of ['a', 'ip4:', 'x=', 'include:', '']) {
      const { passes, growth } = costOf(8_000, MAX_PASSES, (size) => {
        const text = `v=spf1 ${head}${part.repeat(Math.floor(size / part.length))}!`;
        return () => readOrRefuse(text);
      });
      expect({ head, isDear: passes >= MAX_PASSES }).toEqual({ head, isDear: false });
      expect({ head, isSteep: growth >= MAX_GROWTH }).toEqual({ head, isSteep: false });
    }
  });
});
