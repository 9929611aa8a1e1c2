import { expect, test } from 'vitest';
import { within } from '#shared/async/timeout.ts';

const never = new Promise<string>(() => {});

test('gives what comes in time, the fallback for what does not, and failures as they are', async () => {
  expect(await within(1_000, Promise.resolve('work'), 'fallback')).toBe('work');
  expect(await within(1, never, 'fallback')).toBe('fallback');
  await expect(within(1_000, Promise.reject(new Error('broken')), undefined)).rejects.toThrow(
    'broken',
  );
});
