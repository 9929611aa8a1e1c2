import { expect, test } from 'vitest';
import { windowExceeded } from '#shared/app/budgets/exceeded.ts';

const window = { budget: 'recipients-minute', seconds: 60, start: 60, limit: 100 } as const;
const now = new Date(70_000);

test('what is as much as all of a budget fits into a later window', () => {
  const { message, retryAfter } = windowExceeded(window, { used: 1, amount: 100 }, now);
  expect(message).toContain('is used up: 1 of 100');
  expect(retryAfter).toBe(50);
});

test('what is more than all of a budget never fits', () => {
  const { message, retryAfter } = windowExceeded(window, { used: 0, amount: 101 }, now);
  expect(message).toContain('would take 101 of your budget');
  expect(retryAfter).toBeUndefined();
});
