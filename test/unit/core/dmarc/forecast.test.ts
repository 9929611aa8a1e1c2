import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SourceDay } from '#shared/core/dmarc/evidence.ts';
import { stepsAhead } from '#shared/core/dmarc/forecast.ts';
import { planRollOut, type RollOutRequest } from '#shared/core/dmarc/plan.ts';
import { type RollOutState, stepRollOut } from '#shared/core/dmarc/roll-out.ts';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import { daysAfter } from '#shared/core/reports/day.ts';
import { thresholds } from './given-thresholds.ts';

const start = '2026-01-01';
const noon = (day: number): string => `${daysAfter(start, day)}T12:00:00.000Z`;

/** A plan that is 28 days old at `noon(28)`. */
function given(
  request: RollOutRequest = {},
  policy: DmarcPolicy = { p: 'none', sp: 'none' },
): RollOutState {
  const midnight = `${start}T00:00:00.000Z`;
  const { dmarc, rollOut } = planRollOut(
    { confirmed: ['ses'], ...request },
    { dmarc: policy },
    midnight,
  );
  return { policy: dmarc!, rollOut: rollOut!, history: [] };
}

const seen = (changes: Partial<SourceDay> & { day: string }): SourceDay => ({
  reporter: 'google.com',
  source: 'ses',
  kind: 'service',
  tag: 'p',
  passed: 10,
  failed: 0,
  dkim: 10,
  ...changes,
});

test('a plan that has just begun says what its first step takes, and that there is nothing yet', () => {
  const [ahead, ...others] = stepsAhead(given(), [], noon(0), thresholds);
  expect(others).toEqual([]);
  expect(ahead).toEqual({
    tag: 'p',
    from: 'none',
    to: 'quarantine',
    ways: [
      {
        days: { needed: 28, seen: 0 },
        reporters: { needed: 2, seen: 0 },
        messages: { needed: 1000, seen: 0 },
        passRate: { needed: 0.995, seen: null },
      },
      {
        days: { needed: 56, seen: 0 },
        reporters: { needed: 1, seen: 0 },
        messages: { needed: 50, seen: 0 },
        passRate: { needed: 0.995, seen: null },
      },
    ],
    failing: { days: 28, known: 0, others: 0 },
  });
});

test('mail of known sources is the evidence; what others send that fails is what the step would meet', () => {
  const evidence = [
    seen({ day: daysAfter(start, 20), passed: 30, failed: 10 }),
    seen({ day: daysAfter(start, 20), reporter: 'yahoo.com', passed: 20 }),
    seen({
      day: daysAfter(start, 21),
      source: 'spam.example',
      kind: 'sender',
      passed: 0,
      failed: 7,
    }),
    // Mail of subdomains is evidence for `sp`; mail older than the days counts no more.
    seen({ day: daysAfter(start, 21), tag: 'sp', failed: 100 }),
    seen({ day: daysAfter(start, 1), failed: 100 }),
  ];
  const [ahead] = stepsAhead(given(), evidence, noon(30), thresholds);
  expect(ahead?.ways[0]).toEqual({
    days: { needed: 28, seen: 30 },
    reporters: { needed: 2, seen: 2 },
    messages: { needed: 1000, seen: 60 },
    passRate: { needed: 0.995, seen: 50 / 60 },
  });
  expect(ahead?.failing).toEqual({ days: 28, known: 10, others: 7 });
});

const at = (request: RollOutRequest, policy: DmarcPolicy) =>
  stepsAhead(given(request, policy), [], noon(1), thresholds).map(({ tag, to }) => [tag, to]);

test('no step is ahead at the ceiling, and none of the subdomains above the domain itself', () => {
  expect(at({ ceiling: 'none' }, { p: 'none' })).toEqual([]);
  expect(at({}, { p: 'quarantine', sp: 'none' })).toEqual([['sp', 'quarantine']]);
  expect(at({}, { p: 'quarantine', sp: 'quarantine' })).toEqual([]);
  const consented = { ceiling: 'reject', consent: { reject: true } } as const;
  expect(at(consented, { p: 'quarantine', sp: 'quarantine' })).toEqual([['p', 'reject']]);
});

test('before the start date no days have passed', () => {
  const startsAt = `${daysAfter(start, 40)}T00:00:00.000Z`;
  const [ahead] = stepsAhead(given({ startsAt }), [], noon(30), thresholds);
  expect(ahead?.ways.map(({ days }) => days.seen)).toEqual([0, 0]);
});

test('where nothing fails, the step is taken exactly when every need of one of its ways is met', () => {
  const cell = fc
    .record({
      offset: fc.integer({ min: 0, max: 70 }),
      reporter: fc.constantFrom('google.com', 'yahoo.com'),
      passed: fc.integer({ min: 1, max: 900 }),
    })
    .map(({ offset, ...rest }) => seen({ day: daysAfter(start, offset), ...rest }));
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 40 }), fc.integer({ min: 0, max: 70 }), (all, day) => {
      const evidence = all.filter((one) => one.day < daysAfter(start, day));
      const before = given();
      const [ahead] = stepsAhead(before, evidence, noon(day), thresholds);
      const met = ahead!.ways.some(
        ({ days, reporters, messages, passRate }) =>
          [days, reporters, messages].every(({ needed, seen: there }) => there >= needed) &&
          passRate.seen !== null &&
          passRate.seen >= passRate.needed,
      );
      const after = stepRollOut(before, evidence, noon(day), thresholds);
      expect(after.policy.p).toBe(met ? ahead!.to : 'none');
    }),
    { numRuns: 300 },
  );
});
