import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  retry,
  retryLimits,
  throttledUntil,
  type Pause,
  type RetryLimits,
} from '#shared/async/retry.ts';
import { Conflict, Throttled } from '#shared/core/model/errors.ts';
import { FakeTime } from '../../fakes/time.ts';

/** Fails with these errors in turn, then returns the number of calls. */
function failing(...errors: readonly Error[]) {
  const left = [...errors];
  let calls = 0;
  const call = async (): Promise<number> => {
    calls += 1;
    const error = left.shift();
    if (error !== undefined) throw error;
    return calls;
  };
  return { call, calls: () => calls };
}

const many = (error: () => Error): Error[] => Array.from({ length: 60 }, error);
const conflict = () => new Conflict('claim example.com');
const throttled = () => new Throttled('KMS');
const always: RetryLimits = { on: () => true };

describe('retry', () => {
  test('returns what the first successful try returns, with no pause where none is asked for', async () => {
    const time = new FakeTime();
    const { call } = failing(conflict(), conflict(), conflict());
    expect(await retry(retryLimits.conflict, call, time)).toBe(4);
    expect(time.slept).toEqual([]);
  });

  test('throws at once what another try would not cure', async () => {
    const error = new Error('the table is gone');
    const { call, calls } = failing(conflict(), error);
    await expect(retry(retryLimits.conflict, call, new FakeTime())).rejects.toBe(error);
    expect(calls()).toBe(2);
  });

  test.each([
    ['conflict', conflict, 5],
    ['conflictOnce', conflict, 2],
    ['hotItem', conflict, 50],
    ['contended', conflict, 10],
    ['leftOver', throttled, 8],
  ] as const)('%s: throws the error of the last try', async (name, error, tries) => {
    const errors = many(error);
    const { call, calls } = failing(...errors);
    const outcome = retry(retryLimits[name], call, new FakeTime());
    await expect(outcome).rejects.toBe(errors[tries - 1]);
    expect(calls()).toBe(tries);
  });

  test('pauses twice as long each time, up to the longest', async () => {
    const time = new FakeTime();
    const { call } = failing(...many(throttled).slice(0, 7));
    const deadline = time.clock.now().getTime() + 3_600_000;
    expect(await retry(throttledUntil(deadline), call, time)).toBe(8);
    expect(time.slept).toEqual([375, 750, 1_500, 3_000, 6_000, 7_500, 7_500]);
  });

  test('no pause reaches the deadline, and the last error comes as soon as one would', async () => {
    const time = new FakeTime();
    const deadline = time.clock.now().getTime() + 375;
    const late = failing(...many(throttled));
    await expect(retry(throttledUntil(deadline), late.call, time)).rejects.toThrow(Throttled);
    expect(time.slept).toEqual([]);
    const early = failing(throttled());
    expect(await retry(throttledUntil(deadline + 1), early.call, time)).toBe(2);
  });

  test('by the clock of this machine where no other is given', async () => {
    const { call } = failing(conflict());
    const pause = { firstMs: 2, longestMs: 2, jitter: 0 };
    const start = performance.now();
    expect(await retry({ ...always, pause }, call)).toBe(2);
    expect(performance.now() - start).toBeGreaterThanOrEqual(1);
  });
});

const conflicts = many(conflict);

/** Returns the pauses up to the last try. */
async function sleeps(pause: Pause, draws: Iterator<number>, tries: number): Promise<number[]> {
  const time = new FakeTime();
  const random = (): number => draws.next().value as number;
  const { call } = failing(...conflicts);
  const limits = { ...always, tries, pause };
  const { clock, sleep } = time;
  await expect(retry(limits, call, { clock, sleep, random })).rejects.toThrow(Conflict);
  return time.slept;
}

describe('the pauses of any limits', () => {
  const pauses = fc.record({
    firstMs: fc.integer({ min: 1, max: 1_000 }),
    longestMs: fc.integer({ min: 1, max: 10_000 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const randoms = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));

  test('are between the part that is not random and the whole, and never over the longest', async () => {
    await fc.assert(
      fc.asyncProperty(
        pauses,
        randoms,
        fc.integer({ min: 1, max: 20 }),
        async (pause, draws, tries) => {
          const slept = await sleeps(pause, draws, tries);
          expect(slept).toHaveLength(tries - 1);
          for (const [index, milliseconds] of slept.entries()) {
            const whole = Math.min(pause.longestMs, pause.firstMs * 2 ** index);
            expect(milliseconds).toBeLessThanOrEqual(whole);
            expect(milliseconds).toBeGreaterThanOrEqual(whole * (1 - pause.jitter) - 1e-6);
          }
        },
      ),
    );
  });

  test('all end before the deadline', async () => {
    await fc.assert(
      fc.asyncProperty(pauses, fc.integer({ min: 0, max: 60_000 }), async (pause, left) => {
        const time = new FakeTime();
        const deadline = time.clock.now().getTime() + left;
        const { call } = failing(...conflicts);
        const limits = { ...always, tries: 50, deadline, pause: { ...pause, jitter: 0 } };
        await expect(retry(limits, call, time)).rejects.toThrow(Conflict);
        if (time.slept.length > 0) expect(time.clock.now().getTime()).toBeLessThan(deadline);
      }),
    );
  });
});
