import timers from 'node:timers/promises';
import { syncBuiltinESMExports } from 'node:module';

/** In the memory that threads share: by how much the clock is ahead, and how often it was moved. */
const AHEAD = { offset: 0, length: 1 } as const;
const MOVES = { offset: BigInt64Array.BYTES_PER_ELEMENT, length: 1 } as const;
const OCTETS = MOVES.offset + Int32Array.BYTES_PER_ELEMENT;

/**
 * A clock that can be moved on, so that months go by in minutes. Threads share its lead over this
 * machine's clock: all users of it move at once, and between moves it goes on as clocks do.
 */
export class MovableClock {
  /** For `useClock` in another thread. */
  readonly shared = new SharedArrayBuffer(OCTETS);
  readonly #ahead = new BigInt64Array(this.shared, AHEAD.offset, AHEAD.length);
  readonly #moves = new Int32Array(this.shared, MOVES.offset, MOVES.length);

  /** Milliseconds that it is ahead of this machine's clock. */
  get ahead(): number {
    return Number(Atomics.load(this.#ahead, 0));
  }

  /**
   * @param milliseconds a whole number
   * @throws RangeError where it is negative: time does not go back
   */
  advance(milliseconds: number): void {
    if (milliseconds < 0) throw new RangeError(`time cannot pass by ${milliseconds} ms`);
    Atomics.add(this.#ahead, 0, BigInt(milliseconds));
    Atomics.add(this.#moves, 0, 1);
    Atomics.notify(this.#moves, 0);
  }
}

/**
 * Has this thread's `Date` go by a movable clock. Timers and `performance` stay as they are: they
 * measure how long things take.
 *
 * @param shared of the clock
 * @returns what gives the thread its own clock back
 */
export function useClock(shared: SharedArrayBuffer): () => void {
  const ahead = new BigInt64Array(shared, AHEAD.offset, AHEAD.length);
  const real = globalThis.Date;
  const now = (): number => real.now() + Number(Atomics.load(ahead, 0));
  globalThis.Date = new Proxy(real, {
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
    apply: () => new real(now()).toString(),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
  return () => {
    globalThis.Date = real;
  };
}

/**
 * Has the pauses of this thread (`setTimeout` of node:timers/promises) go by the clock that it
 * uses. One that a signal can cancel is a limit for other work, and stays as it is.
 *
 * @param shared of the clock
 * @param report gets the end of the first pause (epoch milliseconds), whenever that changes;
 * undefined where there is none
 */
export function pauseByClock(
  shared: SharedArrayBuffer,
  onFirstEnd: (firstEnd: number | undefined) => void,
): void {
  const moves = new Int32Array(shared, MOVES.offset, MOVES.length);
  const limit = timers.setTimeout;
  const ends: number[] = [];
  const reportEnd = (): void => onFirstEnd(ends.length === 0 ? undefined : Math.min(...ends));
  const pause = async <T>(milliseconds: number, value?: T): Promise<T | undefined> => {
    const end = Date.now() + milliseconds;
    ends.push(end);
    reportEnd();
    for (;;) {
      const seen = Atomics.load(moves, 0);
      const left = end - Date.now();
      if (left <= 0) break;
      const waited = Atomics.waitAsync(moves, 0, seen, left);
      if (waited.async) await waited.value;
    }
    ends.splice(ends.indexOf(end), 1);
    reportEnd();
    return value;
  };
  timers.setTimeout = ((milliseconds = 1, value?: unknown, options?: { signal?: AbortSignal }) =>
    options?.signal === undefined
      ? pause(milliseconds, value)
      : limit(milliseconds, value, options)) as typeof timers.setTimeout;
  syncBuiltinESMExports();
}
