// Measures the cost of work, for tests that hostile input cannot make it expensive. Never a time:
// machines differ, and a busy one takes longer. Processor time, which other processes do not add
// to, is compared with that of a plain pass over as many octets, measured beside it.

export interface Cost {
  /** Number of plain passes over as many octets that take as long. */
  readonly passes: number;
  /** The factor between a quarter of the input and the whole: 4 for linear work, 16 for quadratic. */
  readonly growth: number;
}

/** Between linear and quadratic work; what takes a logarithm more, or starts slowly, stays below. */
export const MAX_GROWTH = 8;

/**
 * Runs of a measurement. One within the limits suffices; the shortest of several is the cost of the
 * code.
 */
const ROUNDS = 12;

/**
 * Measures work on an input and on a quarter of it, again while that seems to exceed the limits.
 *
 * @param size of the input, in octets
 * @param maxPasses more than so many are measured again; so is growth of {@link MAX_GROWTH}
 * @param prepare makes the work to measure for an input of so many octets
 */
export function costOf(
  size: number,
  maxPasses: number,
  prepare: (size: number) => () => unknown,
): Cost {
  const sizes = [size, size / 4];
  const runs = [
    ...sizes.map(prepare),
    ...sizes.map((each) => {
      const octets = Buffer.alloc(each, 'a');
      return () => pass(octets);
    }),
  ];
  const shortest = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 1; ; round += 1) {
    for (const [i, run] of runs.entries()) shortest[i] = Math.min(shortest[i]!, timeOf(run));
    const [whole, quarter, passOfWhole, passOfQuarter] = shortest;
    const passes = whole! / passOfWhole!;
    // Work that takes less than a pass is too short to be compared.
    const growth = whole! / Math.max(quarter!, passOfQuarter!);
    if ((passes < maxPasses && growth < MAX_GROWTH) || round === ROUNDS) return { passes, growth };
  }
}

/** Does the least of any work that reads every octet. */
function pass(octets: Buffer): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 1) sum = (sum * 31 + octets[i]!) | 0;
  return sum;
}

/** The microseconds of processor time that a run takes; never 0. */
function timeOf(run: () => unknown): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return Math.max(1, user + system);
}
