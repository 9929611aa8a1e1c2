import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { within } from '#shared/async/timeout.ts';

const { setTimeout: pause } = timers;

/** A pause by the global timers, which vitest can fake. */
const fakePause = (milliseconds: number, value: unknown, { signal }: { signal: AbortSignal }) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds, value);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });

const pauseBy = (timer: typeof pause): void => {
  timers.setTimeout = timer;
  syncBuiltinESMExports();
};

beforeEach(() => {
  vi.useFakeTimers();
  pauseBy(fakePause as typeof pause);
});
afterEach(() => {
  pauseBy(pause);
  vi.useRealTimers();
});

const after = <T>(milliseconds: number, value: T): Promise<T> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds, value));
const never = new Promise<string>(() => {});

test('gives what comes in time, the fallback for what does not, and failures as they are', async () => {
  expect(await within(1_000, Promise.resolve('work'), 'fallback')).toBe('work');
  const outcome = within(1_000, never, 'fallback');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await outcome).toBe('fallback');
  await expect(within(1_000, Promise.reject(new Error('broken')), undefined)).rejects.toThrow(
    'broken',
  );
});

test.each([
  [999, 'work'],
  [1_001, 'fallback'],
])('work that takes %i ms of 1,000 gives the %s', async (milliseconds, expected) => {
  const outcome = within(1_000, after(milliseconds, 'work'), 'fallback');
  await vi.advanceTimersByTimeAsync(1_001);
  expect(await outcome).toBe(expected);
});

test('work that is in time leaves no timer behind', async () => {
  await within(1_000, Promise.resolve('work'), 'fallback');
  expect(vi.getTimerCount()).toBe(0);
});

test('work that fails too late does no harm', async () => {
  const late = after(2_000, '').then(() => Promise.reject(new Error('late')));
  const outcome = within(1_000, late, 'fallback');
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await outcome).toBe('fallback');
});
