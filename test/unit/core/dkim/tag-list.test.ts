import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { colonList, parseTagList, withoutWsp } from '#shared/core/dkim/tag-list.ts';

test('reads names and values, with folds and white space around them', () => {
  expect([...(parseTagList(' a=1;\r\n\tb = x  y ;c=;A=2') ?? [])]).toEqual([
    ['a', '1'],
    ['b', 'x y'],
    ['c', ''],
    ['A', '2'],
  ]);
});

test('a value may hold anything printable but a semicolon', () => {
  expect(parseTagList('n==a=b"(x)\\,ü')?.get('n')).toBe('=a=b"(x)\\,ü');
});

test.each([
  '',
  ' ',
  ';',
  'a=1;;b=2',
  'a',
  'a=1;b',
  '=1',
  '1a=1',
  'a-b=1',
  'a=1;a=2',
  'a=\0',
  'a=x\rb',
  'ü=1',
])('%j is no list of tags', (text) => {
  expect(parseTagList(text)).toBeUndefined();
});

test('what is composed of tags is parsed to them', () => {
  const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,5}$/);
  const value = fc.stringMatching(/^[!-:<-~]{0,10}$/);
  const space = fc.constantFrom('', ' ', '\t', '\r\n ');
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, value), { selector: ([name]) => name, minLength: 1 }),
      space,
      (tags, s) => {
        const text = tags.map(([name, value]) => `${s}${name}${s}=${s}${value}${s}`).join(';');
        expect([...(parseTagList(text) ?? [])]).toEqual(tags);
        expect([...(parseTagList(`${text};`) ?? [])]).toEqual(tags);
      },
    ),
  );
});

test('lists with colons, and values folded anywhere', () => {
  expect(colonList(' From : TO:x')).toEqual(['from', 'to', 'x']);
  expect(withoutWsp(' a \tb c ')).toBe('abc');
});
