/** A text in three parts, the middle of which another text does not have. */
export interface Difference {
  readonly before: string;
  readonly other: string;
  readonly after: string;
}

/**
 * Finds where a text differs from the one that is expected: all between the beginning and the end
 * that they have in common.
 */
export function differenceOf(found: string, expected: string): Difference {
  const [one, two] = [Array.from(found), Array.from(expected)];
  const most = Math.min(one.length, two.length);
  let start = 0;
  while (start < most && one[start] === two[start]) start += 1;
  let end = 0;
  while (end < most - start && one.at(-1 - end) === two.at(-1 - end)) end += 1;
  return {
    before: one.slice(0, start).join(''),
    other: one.slice(start, one.length - end).join(''),
    after: one.slice(one.length - end).join(''),
  };
}
