import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inFlight } from '#shared/async/limit.ts';

test('runs no more at a time than it may, and all in the end', async () => {
  const bounded = inFlight(3);
  let running = 0;
  let most = 0;
  const done = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      bounded(async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(index % 3);
        running -= 1;
        return index;
      }),
    ),
  );
  expect(most).toBe(3);
  expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test('gives the place of a failed work to the next', async () => {
  const bounded = inFlight(1);
  const failed = bounded(() => Promise.reject(new Error('failed')));
  const next = bounded(() => Promise.resolve('next'));
  await expect(failed).rejects.toThrow('failed');
  expect(await next).toBe('next');
});
