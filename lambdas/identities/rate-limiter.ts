import type { Clock } from '#shared/app/ports/clock.ts';

/** SES takes one control call a second of an account; a little more between them allows for the network's own rate. */
const BETWEEN_CALLS_MS = 1_050;

/**
 * Keeps calls apart by time, in the order in which they are asked for.
 *
 * @returns waits until the next call may be made
 */
export function rateLimiter(
  clock: Clock,
  sleep: (milliseconds: number) => Promise<unknown>,
): () => Promise<void> {
  let next = 0;
  return async () => {
    const now = clock.now().getTime();
    const at = Math.max(now, next);
    next = at + BETWEEN_CALLS_MS;
    if (at > now) await sleep(at - now);
  };
}
