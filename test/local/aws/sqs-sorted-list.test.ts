import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedList } from '../../../local/aws/sqs-sorted-list.ts';

const contents = (list: SortedList<number>): (number | undefined)[] =>
  Array.from({ length: list.size }, (_, index) => list.at(index));

test('items are in their order, after any insertions and removals', () => {
  const change = fc.record({ item: fc.nat(50), takeFirst: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const list = new SortedList<number>((a, b) => a - b);
      const expected = new Set<number>();
      for (const { item, takeFirst } of changes) {
        const gone = takeFirst ? list.first : item;
        if (gone !== undefined && expected.delete(gone)) list.remove(gone);
        else {
          list.insert(item);
          expected.add(item);
        }
        expect(contents(list)).toEqual([...expected].sort((a, b) => a - b));
        expect(list.first).toBe(list.at(0));
      }
    }),
  );
});

test('a long list is taken from the front while it goes on to be filled', () => {
  const list = new SortedList<number>((a, b) => a - b);
  for (let item = 0; item < 50_000; item += 1) list.insert(item);
  const taken: number[] = [];
  for (let next = 50_000; list.first !== undefined; next += 1) {
    taken.push(list.first);
    list.remove(list.first);
    if (next < 60_000) list.insert(next);
  }
  expect(taken).toEqual(Array.from({ length: 60_000 }, (_, index) => index));
});

test('an item that is not there cannot be removed', () => {
  const list = new SortedList<number>((a, b) => a - b);
  list.insert(1);
  list.insert(3);
  expect(() => list.remove(2)).toThrow(/not where it was put/);
});
