import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pages } from '#shared/async/page.ts';

/** A list that is read by pages of `size`; each cursor is the index of the next item. */
function listOf(items: readonly number[], size: number) {
  const asked: object[] = [];
  const read = async (from: { readonly cursor?: string }) => {
    asked.push(from);
    const start = Number(from.cursor ?? 0);
    const end = start + size;
    return {
      items: items.slice(start, end),
      cursor: end < items.length ? String(end) : undefined,
    };
  };
  return { read, asked };
}

test('every item is read once, in order, in no more pages than there are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat()), fc.integer({ min: 1, max: 5 }), async (items, size) => {
      const { read, asked } = listOf(items, size);
      const seen: number[] = [];
      for await (const page of pages(read)) seen.push(...page.items);
      expect(seen).toEqual(items);
      expect(asked).toHaveLength(Math.max(1, Math.ceil(items.length / size)));
      expect(asked[0]).toEqual({});
    }),
  );
});

test('reads no page that was not requested', async () => {
  const { read, asked } = listOf([1, 2, 3, 4], 1);
  for await (const page of pages(read)) if (page.items.includes(2)) break;
  expect(asked).toEqual([{}, { cursor: '1' }]);
});

test('a page that cannot be read ends the list with its error', async () => {
  const error = new Error('the table is out');
  const read = async ({ cursor }: { readonly cursor?: string }) => {
    if (cursor !== undefined) throw error;
    return { cursor: 'next' };
  };
  const all = pages(read);
  expect(await all.next()).toEqual({ done: false, value: { cursor: 'next' } });
  await expect(all.next()).rejects.toBe(error);
});
