import * as fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { inBatches } from '#shared/adapters/aws/batches.ts';

/** All of a pause is random: there is none. */
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));

const error = new Error('AWS left some');

test('every entry is taken once, in its part, with any entries left over by the calls', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 1, max: 10 }),
      async (count, size) => {
        const entries = Array.from({ length: count }, (_, index) => index);
        const taken: number[] = [];
        const left = new Set(entries.filter((entry) => entry % 7 === 3));
        await inBatches(entries, size, async (part) => {
          expect(part.length).toBeLessThanOrEqual(size);
          const over = part.filter((entry) => left.delete(entry));
          taken.push(...part.filter((entry) => !over.includes(entry)));
          return over.length === 0 ? undefined : { entries: over, error };
        });
        expect(taken.toSorted((a, b) => a - b)).toEqual(entries);
      },
    ),
    { numRuns: 20 },
  );
});

test('only what was left is sent again, and its error is thrown after eight tries', async () => {
  const calls: (readonly string[])[] = [];
  const outcome = inBatches(['a', 'b', 'c'], 2, async (part) => {
    calls.push(part);
    return part.includes('b') ? { entries: ['b'], error } : undefined;
  });
  await expect(outcome).rejects.toBe(error);
  expect(calls).toEqual([['a', 'b'], ...Array.from({ length: 7 }, () => ['b'])]);
});

test('what a call throws is not tried again, though entries were left before', async () => {
  const denied = new Error('AccessDenied');
  let calls = 0;
  const outcome = inBatches(['a', 'b'], 2, async () => {
    calls += 1;
    if (calls > 1) throw denied;
    return { entries: ['b'], error };
  });
  await expect(outcome).rejects.toBe(denied);
  expect(calls).toBe(2);
});
