import { setTimeout as pause } from 'node:timers/promises';

/**
 * Returns the result of work, or the fallback where it takes longer: for results that do not
 * justify delaying a check. The work goes on, and its late result is dropped.
 *
 * @throws the error of the work, in time
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
