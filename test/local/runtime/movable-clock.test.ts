import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { MovableClock, useClock } from '../../../local/runtime/movable-clock.ts';

const DAY = 86_400_000;
const module = new URL('../../../local/runtime/movable-clock.ts', import.meta.url).href;

describe('a thread that goes by a movable clock', () => {
  let restore: (() => void) | undefined;
  afterEach(() => restore?.());

  test('has dates that are ahead by what time has passed, and go on from there', async () => {
    const clock = new MovableClock();
    const real = Date.now();
    restore = useClock(clock.shared);
    clock.advance(400 * DAY);
    const moved = Date.now();
    expect(moved - real).toBeGreaterThanOrEqual(400 * DAY);
    expect(moved - real).toBeLessThan(401 * DAY);
    expect(new Date().getTime()).toBeGreaterThanOrEqual(moved);
    await sleep(5);
    expect(Date.now()).toBeGreaterThan(moved);
  });

  test('reads and calculates dates as ever', () => {
    const clock = new MovableClock();
    restore = useClock(clock.shared);
    clock.advance(DAY);
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(new Date('2026-11-01T00:00:00Z')).toBeInstanceOf(Date);
    expect(Date.UTC(2026, 0)).toBe(Date.parse('2026-01-01T00:00:00Z'));
  });

  test('has its own clock back afterwards', () => {
    const clock = new MovableClock();
    const own = globalThis.Date;
    const giveBack = useClock(clock.shared);
    clock.advance(DAY);
    giveBack();
    expect(globalThis.Date).toBe(own);
  });
});

test('time does not go back', () => {
  expect(() => new MovableClock().advance(-1)).toThrow(RangeError);
});

describe('the pauses of a thread that goes by it', () => {
  let worker: Worker | undefined;
  afterEach(() => worker?.terminate());

  /** The messages that the thread posts, in order. */
  function messages(): (wanted: string) => Promise<unknown> {
    const waiting = new Map<string, (value: unknown) => void>();
    const come = new Map<string, unknown>();
    worker!.on('message', ({ kind, value }: { kind: string; value: unknown }) => {
      come.set(kind, value);
      waiting.get(kind)?.(value);
    });
    return (kind) =>
      come.has(kind)
        ? Promise.resolve(come.get(kind))
        : new Promise((resolve) => waiting.set(kind, resolve));
  }

  test('end when the clock is moved there, are reported before, and limits stay what they are', async () => {
    const clock = new MovableClock();
    worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       import(workerData.module).then(async ({ useClock, pauseByClock }) => {
         // A pause alone keeps no thread alive.
         parentPort.on('message', () => {});
         useClock(workerData.shared);
         const start = Date.now();
         const reported = [];
         pauseByClock(workerData.shared, (until) => {
           reported.push(until);
           if (reported.length === 1) parentPort.postMessage({ kind: 'pausing', value: until - start });
         });
         const { setTimeout: pause } = await import('node:timers/promises');
         let ended = false;
         const limit = pause(60_000, 'limit', { signal: new AbortController().signal, ref: false });
         limit.then(() => { ended = true; });
         const value = await pause(3_600_000, 'an hour');
         parentPort.postMessage({ kind: 'ended', value: { value, passed: Date.now() - start, reported: reported.length, last: reported.at(-1), ended } });
       });`,
      { eval: true, workerData: { module, shared: clock.shared } },
    );
    const next = messages();
    expect(await next('pausing')).toBeGreaterThanOrEqual(3_600_000);
    clock.advance(3_600_000);
    const ended = (await next('ended')) as Record<string, unknown>;
    expect(ended).toMatchObject({ value: 'an hour', reported: 2, ended: false });
    expect(ended['last']).toBeUndefined();
    expect(ended['passed']).toBeGreaterThanOrEqual(3_600_000);
  });
});
