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

/** Milliseconds: none of the waits that one use of the service has is longer. */
const SHORT = 60_000;

/**
 * Moves time on to what comes next, where functions under way only pause and messages are only
 * delayed: at most a minute. Does nothing where work is under way, whose time the jump would take.
 */
export async function skipShortWait(local: LocalRun): Promise<void> {
  const now = Date.now();
  const goesOnAt = local.goesOnAt();
  if (goesOnAt <= now) return;
  const held = [...local.deployment.queues.values()].map(({ name }) => local.queues.inspect(name)!);
  if (held.some(({ visible }) => visible.length > 0)) return;
  const delayed = held.flatMap((queue) => queue.delayed.map(({ visibleAt }) => visibleAt));
  const wait = Math.ceil(Math.min(goesOnAt, ...delayed) - now);
  if (wait > 0 && wait <= SHORT) await local.passTime(wait);
}
