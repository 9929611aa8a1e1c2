import { expect, test } from 'vitest';
import { readReputation } from '#shared/app/read-reputation.ts';

test.each([
  ['enforce', true],
  ['notify', false],
])('the mode %s enforces: %s', (mode, isEnforced) => {
  const REPUTATION = JSON.stringify({ mode, windowDays: 7 });
  expect(readReputation({ REPUTATION })).toEqual({ limits: { windowDays: 7 }, isEnforced });
});
