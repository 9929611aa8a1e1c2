import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backOff, nextDue } from '#shared/app/checks/schedule.ts';
import type { ClaimStatus } from '#shared/core/model/claim.ts';
import { DAY, HOUR, MINUTE, START } from './test-environment.ts';

const after = (ms: number): Date => new Date(Date.parse(START) + ms);
const wait = (
  status: ClaimStatus,
  age: number,
  awaited: Parameters<typeof nextDue>[1] = {},
  jitter = 0,
): number =>
  nextDue({ status, statusSince: START }, awaited, after(age), jitter).getTime() -
  after(age).getTime();

describe('a claim that waits to be verified', () => {
  test('is checked after 1, 2, 5, 10 and 30 minutes, hourly, then six-hourly, then daily', () => {
    const waits: number[] = [];
    for (let age = 0; age < 16 * DAY;) {
      const next = backOff(age);
      waits.push(next);
      age += next;
    }
    expect(waits.slice(0, 6)).toEqual([1, 2, 5, 10, 30, 60].map((minutes) => minutes * MINUTE));
    expect(waits.filter((one) => one === HOUR)).toHaveLength(24);
    expect(waits.filter((one) => one === 6 * HOUR)).toHaveLength(52);
    expect(waits.filter((one) => one === DAY).length).toBeGreaterThan(1);
  });

  test('is not slowed down by checks in between', () => {
    expect(backOff(90_000)).toBe(90_000);
    expect(backOff(179_000)).toBe(1_000);
  });

  test('is awaited since its status began, not since its birth', () => {
    expect(wait('pending', 0)).toBe(MINUTE);
    expect(wait('pending', 3 * MINUTE)).toBe(5 * MINUTE);
  });
});

test.each<[ClaimStatus, number]>([
  ['verified', DAY],
  ['at-risk', HOUR],
  ['lost', 6 * HOUR],
])('a claim that is %s is checked every %i ms', (status, interval) => {
  expect(wait(status, 20 * DAY)).toBe(interval);
});

const sent = (ago: number) => ({ lastSentAt: after(20 * DAY - ago).toISOString() });
const seen = (ago: number) => ({ identitySeenSince: after(20 * DAY - ago).toISOString() });

test('a domain that sent in the last 24 hours is checked hourly', () => {
  expect(wait('verified', 20 * DAY, sent(DAY - 1))).toBe(HOUR);
  expect(wait('verified', 20 * DAY, sent(DAY))).toBe(DAY);
  expect(wait('lost', 20 * DAY, sent(HOUR))).toBe(6 * HOUR);
});

test('while SES has yet to find its record, that is awaited too', () => {
  expect(wait('verified', 20 * DAY, seen(0))).toBe(MINUTE);
  expect(wait('verified', 20 * DAY, seen(3 * HOUR))).toBe(HOUR);
  expect(wait('at-risk', 20 * DAY, seen(3 * DAY))).toBe(HOUR);
});

test('jitter moves what is regular to earlier and what is awaited to later, by a tenth at most', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<ClaimStatus>('pending', 'verified', 'at-risk', 'lost'),
      fc.integer({ min: 0, max: 30 * DAY }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (status, age, jitter) => {
        const exact = wait(status, age);
        const moved = wait(status, age, {}, jitter);
        expect(moved).toBeGreaterThan(0);
        if (status === 'pending') expect(moved).toBeGreaterThanOrEqual(exact);
        else expect(moved).toBeLessThanOrEqual(exact);
        expect(Math.abs(moved - exact)).toBeLessThanOrEqual(exact / 10 + 1);
      },
    ),
  );
});
