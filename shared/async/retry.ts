import { Throttled } from '#shared/core/model/errors.ts';

/** What waiting needs, so that tests wait in no time. */
export interface Patience {
  readonly clock: { now(): Date };
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * How long to wait before a further try: doubling from half a second to ten, of which half is
 * random, so that functions that share an account's rate do not keep step.
 *
 * @param attempt 1 for the first pause
 * @param random 0 to 1
 * @returns milliseconds
 */
export function pauseBefore(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  return ceiling * (0.5 + random / 2);
}

/**
 * Makes a call that may be throttled, again and again while there is time.
 *
 * @param deadline epoch milliseconds after which no pause may end
 * @throws Throttled where time ran out; and whatever else the call throws, at once
 */
export async function patiently<T>(
  { clock, sleep, random }: Patience,
  deadline: number,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Throttled)) throw error;
      const pause = pauseBefore(attempt, random());
      if (clock.now().getTime() + pause >= deadline) throw error;
      await sleep(pause);
    }
  }
}
