import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextDelay } from '../../../dashboard/src/api/back-off.ts';

test('the first query comes after 2.5 seconds, or the given time, and the last ones every 30', () => {
  expect(nextDelay(0)).toBe(2_500);
  expect(nextDelay(0, { first: 1_000 })).toBe(1_000);
  expect(nextDelay(50)).toBe(30_000);
});

test('queries that find nothing new never come closer together, nor further apart than 30 seconds', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.integer({ min: 100, max: 30_000 }), (unchanged, first) => {
      const [delay, next] = [nextDelay(unchanged, { first }), nextDelay(unchanged + 1, { first })];
      expect(delay).toBeGreaterThanOrEqual(first);
      expect(next).toBeGreaterThanOrEqual(delay);
      expect(next).toBeLessThanOrEqual(30_000);
    }),
  );
});
