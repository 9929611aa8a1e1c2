const FIRST = 2_500;
const LONGEST = 30_000;
const GROWTH = 1.4;

/**
 * Returns the milliseconds until the next query, by how many in a row found nothing new: 2.5 s at
 * first, longer each time, 30 s at most.
 */
export const nextDelay = (unchanged: number, { first = FIRST, longest = LONGEST } = {}): number =>
  Math.min(Math.round(first * GROWTH ** unchanged), longest);
