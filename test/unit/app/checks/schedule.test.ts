import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backOff, nextDue } from '#shared/app/checks/schedule.ts';
import { PENDING_DAYS } from '#shared/core/model/expiry.ts';
import type { ClaimStatus } from '#shared/core/model/claim.ts';
import { DAY, HOUR, MINUTE, START } from './test-environment.ts';

/** As the documents state. */
const COST = 103;
const WHOLE_COST = 321;

const after = (ms: number): Date => new Date(Date.parse(START) + ms);
const wait = (
  status: ClaimStatus,
  age: number,
  awaited: Parameters<typeof nextDue>[1] = {},
  jitter = 0,
): number =>
  nextDue({ status, statusSince: START }, awaited, after(age), jitter).getTime() -
  after(age).getTime();

const waitsOver = (days: number): number[] => {
  const waits: number[] = [];
  // The planner comes every minute.
  for (let age = 0; age < days * DAY;) {
    const next = Math.ceil((age + backOff(age)) / MINUTE) * MINUTE - age;
    waits.push(next);
    age += next;
  }
  return waits;
};

describe('a claim that waits to be verified', () => {
  test('is checked every minute for an hour, ever less often up to hourly, then six-hourly', () => {
    const waits = waitsOver(16);
    expect(waits.slice(0, 60)).toEqual(Array.from({ length: 60 }, () => MINUTE));
    expect(waits[60]).toBe(5 * MINUTE);
    const growing = waits.slice(60, waits.indexOf(HOUR));
    expect(growing).toEqual(growing.toSorted((a, b) => a - b));
    expect(waits.filter((one) => one === HOUR)).toHaveLength(12);
    expect(waits.filter((one) => one === 6 * HOUR).length).toBeGreaterThan(50);
    expect(waits.filter((one) => one === DAY).length).toBeGreaterThan(1);
  });

  test('costs some hundred checks on its first day, and four a day later', () => {
    expect(waitsOver(1)).toHaveLength(COST);
    expect(waitsOver(3).length - waitsOver(2).length).toBe(4);
  });

  test('costs one a day after two weeks, and 321 in the 180 days that it waits', () => {
    expect(waitsOver(100).length - waitsOver(50).length).toBe(50);
    expect(waitsOver(PENDING_DAYS.claimDays)).toHaveLength(WHOLE_COST);
  });

  test('is seen within 90 s of being put right, whenever it was checked last', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: HOUR - 1 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (age, jitter) => {
          const run = Math.ceil((age + wait('pending', age, {}, jitter)) / MINUTE) * MINUTE;
          expect(run - age).toBeLessThanOrEqual(90_000 - 2_000);
        },
      ),
    );
  });

  test('is not slowed down by checks in between', () => {
    expect(backOff(90_000)).toBe(backOff(0));
  });

  test('is awaited since its status began, not since its birth', () => {
    expect(wait('pending', 0)).toBe(25_000);
    expect(wait('pending', 3 * HOUR)).toBe(15 * MINUTE);
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

test('a domain that sent in the last 24 hours, noted to the quarter of a day, is checked hourly', () => {
  expect(wait('verified', 20 * DAY, sent(DAY + 6 * HOUR - 1))).toBe(HOUR);
  expect(wait('verified', 20 * DAY, sent(DAY + 6 * HOUR))).toBe(DAY);
  expect(wait('lost', 20 * DAY, sent(HOUR))).toBe(6 * HOUR);
});

test('while SES has yet to find its record, that is awaited too', () => {
  expect(wait('verified', 20 * DAY, seen(0))).toBe(MINUTE);
  expect(wait('verified', 20 * DAY, seen(3 * HOUR))).toBe(HOUR);
  expect(wait('at-risk', 20 * DAY, seen(3 * DAY))).toBe(HOUR);
});

test('a domain that broke is checked like one to be verified, but hourly at least', () => {
  expect(wait('at-risk', 0)).toBe(25_000);
  expect(wait('at-risk', 6 * HOUR)).toBe(30 * MINUTE);
  expect(wait('at-risk', 3 * DAY)).toBe(HOUR);
});

const amiss = (ago: number) => ({ amissSince: after(20 * DAY - ago).toISOString() });

test('a record that is amiss has a verified domain checked more often, for a day', () => {
  expect(wait('verified', 20 * DAY, amiss(0))).toBe(25_000);
  expect(wait('verified', 20 * DAY, amiss(3 * HOUR))).toBe(15 * MINUTE);
  expect(wait('verified', 20 * DAY, amiss(DAY))).toBe(DAY);
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
        const isAwaited = status === 'pending' || (status === 'at-risk' && exact < HOUR);
        if (isAwaited) expect(moved).toBeGreaterThanOrEqual(exact * 0.9);
        else expect(moved).toBeLessThanOrEqual(exact);
        expect(Math.abs(moved - exact)).toBeLessThanOrEqual(exact / 10 + 1);
      },
    ),
  );
});
