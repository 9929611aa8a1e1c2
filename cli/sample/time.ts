import { DAY_MS, HOUR_MS } from '#shared/core/time.ts';

/** The moments of the sample's past. */
export interface Past {
  readonly now: Date;
  /** The moment so many days and hours before now, ISO 8601. */
  readonly ago: (days: number, hours?: number) => string;
  /** When the rotation of the month came to the sample's domains, ISO 8601. */
  readonly rotation: string;
  /** When its domains were claimed: long enough before the rotation for it to be due. */
  readonly claimed: string;
}

/** Days before the rotation at which domains were claimed. */
const CLAIMED_DAYS = 24;

export function pastOf(now: Date): Past {
  const yesterday = new Date(now.getTime() - DAY_MS);
  const first = Date.UTC(yesterday.getUTCFullYear(), yesterday.getUTCMonth(), 1, 6, 12);
  // On the second of a month the rotation of the first may be to come.
  const rotation = new Date(Math.min(first, yesterday.getTime()));
  return {
    now,
    ago: (days, hours = 0) =>
      new Date(now.getTime() - days * DAY_MS - hours * HOUR_MS).toISOString(),
    rotation: rotation.toISOString(),
    claimed: new Date(rotation.getTime() - CLAIMED_DAYS * DAY_MS).toISOString(),
  };
}

/**
 * Numbers from 0 up to 1, the same in every run, so that the sample's pictures are alike.
 *
 * @param seed a whole number
 */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // A linear congruential generator (Numerical Recipes); good enough to scatter a sample.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
