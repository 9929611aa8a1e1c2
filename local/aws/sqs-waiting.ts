import type { Clock } from './http.ts';

/** Node's timers hold no more; a later time is checked again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Those who wait for a message of a queue. */
export class Waiting {
  readonly #now: Clock;
  readonly #wakers = new Map<string, Set<() => void>>();

  constructor(now: Clock) {
    this.#now = now;
  }

  /**
   * Waits until there may be a message, the time has come or the caller has gone.
   *
   * @param until milliseconds since 1970
   */
  async forMessage(queue: string, until: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wakers = this.#wakers.get(queue) ?? new Set();
    this.#wakers.set(queue, wakers.add(resolve));
    const delay = Math.min(Math.max(0, until - this.#now()), LONGEST_TIMER_MS);
    const timer = setTimeout(resolve, delay);
    const gone = (): void => resolve();
    signal?.addEventListener('abort', gone);
    await promise;
    signal?.removeEventListener('abort', gone);
    clearTimeout(timer);
    wakers.delete(resolve);
  }

  /** There may be a message in the queue. */
  wake(queue: string): void {
    for (const resolve of this.#wakers.get(queue) ?? []) resolve();
  }

  /** The time was moved, or there will be no message any more. */
  wakeAll(): void {
    for (const queue of this.#wakers.keys()) this.wake(queue);
  }
}
