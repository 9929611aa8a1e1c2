import type { LocalRun } from '../../../cli/service/run.ts';

/**
 * Milliseconds. Shorter waits are for something that may come meanwhile: an event of SES settles what
 * is unclear.
 */
const LONG = 10_000;

/** Skips the long waits of a queue's messages until the work is done; see `skipLongWait`. */
export async function skippingLongWaits<T>(
  local: LocalRun,
  queue: string,
  work: () => Promise<T>,
): Promise<T> {
  const skipping = setInterval(() => void skipLongWait(local, queue), 100);
  try {
    return await work();
  } finally {
    clearInterval(skipping);
  }
}

/**
 * Moves time on to the receive time of a queue's first delayed message. Does nothing where that is
 * near, or work is under way, whose time the jump would take.
 */
export async function skipLongWait(local: LocalRun, queue: string): Promise<void> {
  const { visible, delayed, inFlight } = local.queues.inspect(queue)!;
  if (visible.length + inFlight.length > 0 || local.goesOnAt() < Infinity) return;
  const next = Math.min(...delayed.map(({ visibleAt }) => visibleAt));
  const wait = Math.ceil(next - Date.now());
  if (wait > LONG && wait < Infinity) await local.passTime(wait);
}
