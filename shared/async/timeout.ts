import { setTimeout as pause } from 'node:timers/promises';

/**
 * What work gives, or the fallback where it takes longer: for what is good to know, but not worth
 * holding a check up for. The work goes on, and nobody waits for it.
 *
 * @throws what the work throws in time
 */
export async function within<T, F>(
  milliseconds: number,
  work: Promise<T>,
  fallback: F,
): Promise<T | F> {
  const over = new AbortController();
  try {
    return await Promise.race([work, pause(milliseconds, fallback, { signal: over.signal })]);
  } finally {
    over.abort();
  }
}
