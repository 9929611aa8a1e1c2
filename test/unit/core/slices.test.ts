import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { slicesOf } from '#shared/core/slices.ts';

test('slices hold all items in order, all are full but the last, and none is empty', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 10 }), (items, size) => {
      const slices = slicesOf(items, size);
      expect(slices.flat()).toEqual(items);
      for (const slice of slices.slice(0, -1)) expect(slice).toHaveLength(size);
      for (const slice of slices) expect(slice.length).toBeGreaterThan(0);
    }),
  );
});
