import { setTimeout as sleep } from 'node:timers/promises';
import { Conflict, Throttled } from '#shared/core/model/errors.ts';

/** The time and the randomness that a retry waits by; tests pass their own and wait in no time. */
export interface RetryTime {
  readonly clock: { now(): Date };
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
}

/** After which errors a call is made again, how often, and with which pauses. */
export interface RetryLimits {
  /** Returns true for errors that another try may cure; any other is thrown at once. */
  readonly on: (error: unknown) => boolean;
  /** Calls in all; absent where only the deadline ends them. */
  readonly tries?: number;
  /** Epoch milliseconds that no pause reaches. */
  readonly deadline?: number;
  /** Absent where the next try follows at once. */
  readonly pause?: Pause;
}

/** A pause that doubles with every try. */
export interface Pause {
  readonly firstMs: number;
  readonly longestMs: number;
  /** The part of each pause that is random, 0 to 1, so that callers do not keep step. */
  readonly jitter: number;
}

const isConflict = (error: unknown): boolean => error instanceof Conflict;
const isThrottled = (error: unknown): boolean => error instanceof Throttled;

/** Doubles from 40 ms to 800 ms and is random throughout: callers that met do not meet again. */
const brief: Pause = { firstMs: 40, longestMs: 800, jitter: 1 };
/** Doubles from half a second to ten: functions share an account's rate. */
const long: Pause = { firstMs: 500, longestMs: 10_000, jitter: 0.5 };

/**
 * Every limit of the service.
 *
 * - `conflict`: another writer came first; the use case reads and decides again.
 * - `conflictOnce`: the same, but once, where a message that comes again does the rest.
 * - `hotItem`: many write one item at once; each lost race is a write of another.
 * - `contended`: many write one item at once, and each write takes long; at most 5 s of pauses.
 * - `leftOver`: a batch call took some entries and left others; at most 3 s of pauses.
 */
export const retryLimits = {
  conflict: { on: isConflict, tries: 5 },
  conflictOnce: { on: isConflict, tries: 2 },
  hotItem: { on: isConflict, tries: 50 },
  contended: { on: isConflict, tries: 10, pause: brief },
  leftOver: { on: isThrottled, tries: 8, pause: brief },
} as const satisfies Record<string, RetryLimits>;

/**
 * Limits a call that AWS may throttle by its deadline alone.
 *
 * @param deadline epoch milliseconds
 */
export const throttledUntil = (deadline: number): RetryLimits => ({
  on: isThrottled,
  deadline,
  pause: long,
});

/** The time of this machine. */
export const realTime: RetryTime = {
  clock: { now: () => new Date() },
  sleep,
  random: () => Math.random(),
};

/**
 * Makes a call again while it fails as `limits.on` says, and returns what it returns.
 *
 * @param call reads what it decides by itself, since each try must see what others wrote
 * @throws what the last try threw, once no try or no time is left
 */
export async function retry<T>(
  limits: RetryLimits,
  call: () => Promise<T>,
  time: RetryTime = realTime,
): Promise<T> {
  const { on, tries = Infinity, deadline = Infinity, pause } = limits;
  for (let failures = 1; ; failures += 1) {
    try {
      return await call();
    } catch (error) {
      if (!on(error) || failures >= tries) throw error;
      if (pause === undefined) continue;
      const milliseconds = pauseAfter(failures, pause, time.random());
      if (time.clock.now().getTime() + milliseconds >= deadline) throw error;
      await time.sleep(milliseconds);
    }
  }
}

/** @returns milliseconds after the given number of failures */
function pauseAfter(
  failures: number,
  { firstMs, longestMs, jitter }: Pause,
  random: number,
): number {
  const longest = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return longest * (1 - jitter * (1 - random));
}
