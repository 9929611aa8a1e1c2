import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceOf } from '../../../dashboard/src/domains/difference.ts';

test('what is between the common beginning and end is another', () => {
  expect(differenceOf('v=spf1 a -all', 'v=spf1 mx -all')).toEqual({
    before: 'v=spf1 ',
    other: 'a',
    after: ' -all',
  });
  expect(differenceOf('two._domainkey.x', 'one._domainkey.x').other).toBe('two');
});

test('the parts together are the text, and the same text has no difference', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, two) => {
      const { before, other, after } = differenceOf(one, two);
      expect(before + other + after).toBe(one);
      expect(two.startsWith(before) && two.endsWith(after)).toBe(true);
      expect(differenceOf(one, one).other).toBe('');
    }),
  );
});
