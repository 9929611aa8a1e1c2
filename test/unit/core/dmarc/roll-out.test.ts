import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import type { SourceDay } from '#shared/core/dmarc/evidence.ts';
import { planRollOut, type RollOutRequest } from '#shared/core/dmarc/plan.ts';
import { type RollOutState, stepRollOut } from '#shared/core/dmarc/roll-out.ts';
import { type Day, daysAfter } from '#shared/core/reports/day.ts';
import { thresholds } from './given-thresholds.ts';

const start: Day = '2026-01-01';
const noon = (day: number): string => `${daysAfter(start, day)}T12:00:00.000Z`;
const midnight = `${start}T00:00:00.000Z`;

function given(
  request: RollOutRequest = {},
  policy: DmarcPolicy = { p: 'none', sp: 'none' },
): RollOutState {
  const planned = planRollOut(request, { dmarc: policy }, midnight);
  return { policy: planned.dmarc!, rollOut: planned.rollOut!, history: [] };
}

interface Mail extends Partial<Omit<SourceDay, 'day'>> {
  /** Days since the plan's beginning, both included. */
  readonly days: readonly [number, number];
}

/** Counts of two reporters for a source, the same each day. */
function mail({ days: [from, to], ...changes }: Mail): SourceDay[] {
  const { passed = 100, reporter } = changes;
  return Array.from({ length: to - from + 1 }, (_, index) =>
    daysAfter(start, from + index),
  ).flatMap((day) =>
    (reporter === undefined ? ['google.com', 'microsoft.com'] : [reporter]).map((each) => ({
      day,
      source: 'ses',
      kind: 'service' as const,
      tag: 'p' as const,
      failed: 0,
      dkim: passed,
      ...changes,
      passed,
      reporter: each,
    })),
  );
}

const rank = (of: string) => ['none', 'quarantine', 'reject'].indexOf(of);

const step = (state: RollOutState, evidence: readonly SourceDay[], day: number): RollOutState =>
  stepRollOut(state, evidence, noon(day), thresholds);

/** The policy after each of the days in turn. */
function run(
  state: RollOutState,
  evidence: readonly SourceDay[],
  days: readonly number[],
): RollOutState {
  return days.reduce(
    (present, day) =>
      step(
        present,
        evidence.filter((one) => one.day < daysAfter(start, day)),
        day,
      ),
    state,
  );
}

const upTo = (day: number): number[] => Array.from({ length: day + 1 }, (_, index) => index);

describe('the way up', () => {
  const good = mail({ days: [0, 100] });

  test('takes 28 days at none, 14 at quarantine, and ends at quarantine without more being said', () => {
    expect(run(given(), good, upTo(27)).policy.p).toBe('none');
    expect(run(given(), good, upTo(28)).policy.p).toBe('quarantine');
    expect(run(given(), good, upTo(100)).policy.p).toBe('quarantine');
    const wanted = given({ ceiling: 'reject', consent: { reject: true } });
    expect(run(wanted, good, upTo(41)).policy.p).toBe('quarantine');
    const done = run(wanted, good, upTo(100));
    expect(done.policy.p).toBe('reject');
    expect(done.history.map(({ at, from, to }) => [at, from, to])).toEqual([
      [noon(28), 'none', 'quarantine'],
      [noon(42), 'quarantine', 'reject'],
    ]);
    expect(done.history[0]?.why).toBe(
      'Of 5600 messages of 1 known source, seen by 2 reporters in 28 days, 100.00% passed.',
    );
  });

  test('does not begin before its start date, nor go beyond its ceiling', () => {
    const later = given({ startsAt: `${daysAfter(start, 30)}T00:00:00.000Z` });
    expect(run(later, good, upTo(57)).policy.p).toBe('none');
    expect(run(later, good, upTo(58)).policy.p).toBe('quarantine');
    expect(run(given({ ceiling: 'none' }), good, upTo(100)).policy.p).toBe('none');
  });

  test('needs two reporters, 1,000 messages, and 99.5% of them to pass', () => {
    const one = mail({ days: [0, 40], reporter: 'google.com' });
    expect(run(given(), one, upTo(40)).policy.p).toBe('none');
    const few = mail({ days: [0, 40], passed: 17 });
    expect(run(given(), few, upTo(28)).policy.p).toBe('none');
    expect(run(given(), mail({ days: [0, 40], passed: 18 }), upTo(28)).policy.p).toBe('quarantine');
    const rate = (failed: number) => mail({ days: [0, 40], passed: 1000 - failed, failed });
    expect(run(given(), rate(6), upTo(40)).policy.p).toBe('none');
    expect(run(given(), rate(5), upTo(28)).policy.p).toBe('quarantine');
  });

  test('with little mail takes 56 days and 50 messages, of any reporter', () => {
    const little = mail({ days: [0, 60], passed: 1, reporter: 'google.com' });
    expect(run(given(), little, upTo(55)).policy.p).toBe('none');
    expect(run(given(), little, upTo(56)).policy.p).toBe('quarantine');
    const less = little.filter((_, index) => index % 2 === 0);
    expect(run(given(), less, upTo(60)).policy.p).toBe('none');
  });

  test('is the same without any mail but strangers’', () => {
    const strangers = mail({
      days: [0, 60],
      source: '192.0.2.1',
      kind: 'unknown',
      passed: 0,
      failed: 900,
      dkim: 0,
    });
    expect(run(given(), strangers, upTo(60))).toEqual(given());
  });

  test('leaves t=y alone, which counts as enforcement', () => {
    const testing = given({}, { p: 'none', t: 'y' });
    expect(run(testing, good, upTo(30)).policy).toEqual({ p: 'quarantine', sp: 'none', t: 'y' });
  });
});

describe('subdomains', () => {
  const both = [...mail({ days: [0, 100] }), ...mail({ days: [0, 100], tag: 'sp' })];
  const wanted = given({ ceiling: 'reject', consent: { reject: true } });

  test('are left alone by a p that is raised, also where nothing was said of them', () => {
    const silent = given({}, { p: 'none' });
    expect(silent.policy).toEqual({ p: 'none', sp: 'none' });
    expect(run(silent, mail({ days: [0, 60] }), upTo(60)).policy).toEqual({
      p: 'quarantine',
      sp: 'none',
    });
  });

  test('are raised on their own evidence, never above the domain itself', () => {
    expect(run(wanted, both, upTo(100)).policy).toEqual({ p: 'reject', sp: 'reject' });
    const only = mail({ days: [0, 100], tag: 'sp' });
    expect(run(wanted, only, upTo(100)).policy).toEqual({ p: 'none', sp: 'none' });
  });
});

describe('the way back', () => {
  const esp = { source: 'esp.example', kind: 'sender' } as const;
  const before = [...mail({ days: [0, 200] }), ...mail({ days: [0, 99], ...esp })];
  const broken = mail({ days: [100, 130], ...esp, passed: 0, failed: 100, dkim: 0 });
  const consented = { ceiling: 'reject', consent: { reject: true } } as const;

  test('from reject is one stage, on the first day that reports show it; then the plan holds', () => {
    const state = run(given(consented), [...before, ...broken], upTo(100));
    expect(state.policy.p).toBe('reject');
    const back = run(state, [...before, ...broken], [101]);
    expect(back.policy.p).toBe('quarantine');
    expect(back.history.at(-1)).toEqual({
      at: noon(101),
      tag: 'p',
      from: 'reject',
      to: 'quarantine',
      why: 'Mail of esp.example (200 of 200 failed) began to fail.',
    });
    const held = run(back, [...before, ...broken], [102, 103, 104, 120]);
    expect(held.policy.p).toBe('quarantine');
    expect(held.history).toEqual(back.history);
    expect(held.rollOut.held).toEqual({
      since: noon(101),
      sources: ['esp.example'],
      why: 'Mail of esp.example (200 of 200 failed) fails; the plan holds until it passes.',
    });
  });

  test('never goes below quarantine without consent, and a stage a day with it', () => {
    const stay = run(given(), [...before, ...broken], upTo(130));
    expect(stay.policy.p).toBe('quarantine');
    expect(stay.rollOut.held?.sources).toEqual(['esp.example']);
    const willing = given({ ...consented, consent: { reject: true, none: true } });
    const at = (day: number) => run(willing, [...before, ...broken], upTo(day)).policy.p;
    expect([at(100), at(101), at(102), at(103), at(130)]).toEqual([
      'reject',
      'quarantine',
      'quarantine',
      'none',
      'none',
    ]);
  });

  test('goes up again once it is repaired and the evidence is there', () => {
    const repaired = mail({ days: [110, 200], ...esp });
    const all = [
      ...before,
      ...broken.filter(({ day }) => day < daysAfter(start, 110)),
      ...repaired,
    ];
    const state = run(given(consented), all, upTo(150));
    expect(state.policy.p).toBe('reject');
    expect(state.rollOut.held).toBeUndefined();
    expect(state.history.at(-1)?.at).toBe(noon(124));
  });

  test('a source that stays broken for months is not forgotten', () => {
    const months = mail({ days: [100, 260], ...esp, passed: 0, failed: 100, dkim: 0 });
    const all = [...mail({ days: [0, 260] }), ...mail({ days: [0, 99], ...esp }), ...months];
    const window = (day: number) =>
      all.filter((one) => one.day >= daysAfter(start, day - 56) && one.day < daysAfter(start, day));
    const state = upTo(260).reduce(
      (present, day) => step(present, window(day), day),
      given(consented),
    );
    expect(state.policy.p).toBe('quarantine');
    expect(state.rollOut.held?.sources).toEqual(['esp.example']);
  });

  test('is not taken where a source’s own mail goes on passing: somebody else sends by its host', () => {
    const shared = mail({ days: [100, 130], ...esp, passed: 100, failed: 5_000 });
    const state = run(given(consented), [...before, ...shared], upTo(130));
    expect(state.policy.p).toBe('reject');
    expect(state.rollOut.held?.sources).toEqual(['esp.example']);
  });

  test('is not taken for a quiet day, nor for a reporter that is late', () => {
    const quiet = mail({ days: [100, 103], ...esp, passed: 1 });
    expect(run(given(consented), [...before, ...quiet], upTo(104)).policy.p).toBe('reject');
    const late = mail({ days: [100, 100], ...esp, failed: 50, reporter: 'google.com' });
    expect(run(given(consented), [...before, ...late], upTo(101)).policy.p).toBe('reject');
  });

  test('is taken for a part of a source’s mail that breaks', () => {
    const part = mail({ days: [100, 110], ...esp, passed: 70, failed: 30, dkim: 70 });
    expect(run(given(consented), [...before, ...part], upTo(101)).policy.p).toBe('quarantine');
  });

  test('counts a confirmed source, and never an ignored one', () => {
    const unsigned = { ...esp, dkim: 0 };
    const spfOnly = [...mail({ days: [0, 200] }), ...mail({ days: [0, 99], ...unsigned })];
    const breaking = mail({ days: [100, 130], ...unsigned, passed: 0, failed: 100 });
    const all = [...spfOnly, ...breaking];
    const policy = (request: RollOutRequest) =>
      run(given({ ...consented, ...request }), all, upTo(101)).policy.p;
    expect(policy({})).toBe('reject');
    expect(policy({ confirmed: ['esp.example'] })).toBe('quarantine');
    expect(policy({ confirmed: ['esp.example'], ignored: ['esp.example'] })).toBe('reject');
    const signed = [...before, ...broken];
    const ignoring = given({ ...consented, ignored: ['esp.example'] });
    expect(run(ignoring, signed, upTo(130)).policy.p).toBe('reject');
  });
});

describe('with any reports', () => {
  const stage = fc.constantFrom('none' as const, 'quarantine' as const, 'reject' as const);
  const state = fc
    .record({ p: stage, sp: stage, none: fc.boolean(), ceiling: stage })
    .map(({ p, sp, none, ceiling }) =>
      given({ ceiling, consent: { reject: true, none } }, { p, sp }),
    );
  const sourceDay: fc.Arbitrary<SourceDay> = fc.record({
    day: fc.nat(100).map((day) => daysAfter(start, day)),
    reporter: fc.constantFrom('google.com', 'microsoft.com', 'yahoo.com'),
    source: fc.constantFrom('ses', 'esp.example', '192.0.2.1', 'other.example'),
    kind: fc.constantFrom('service' as const, 'sender' as const, 'unknown' as const),
    tag: fc.constantFrom('p' as const, 'sp' as const),
    passed: fc.nat(2_000),
    failed: fc.nat(2_000),
    dkim: fc.nat(2_000),
  });
  const evidence = fc.array(sourceDay, { maxLength: 60 });

  test('a repeated evaluation changes nothing more', () => {
    fc.assert(
      fc.property(state, evidence, fc.nat(110), (before, seen, day) => {
        const once = step(before, seen, day);
        expect(step(once, seen, day)).toBe(once);
      }),
    );
  });

  test('a step is one stage, within the ceiling, not below quarantine without consent', () => {
    fc.assert(
      fc.property(state, evidence, fc.nat(110), (before, seen, day) => {
        const after = step(before, seen, day);
        for (const { from, to, why } of after.history) {
          expect(Math.abs(rank(to) - rank(from))).toBe(1);
          if (rank(to) > rank(from))
            expect(rank(to)).toBeLessThanOrEqual(rank(before.rollOut.ceiling));
          else if (before.rollOut.consent.none === undefined) expect(to).toBe('quarantine');
          expect(why).toMatch(/^[A-Z].*\.$/);
        }
      }),
    );
  });

  test('mail that strangers send, in any amount, changes nothing', () => {
    const strangers = fc.array(
      sourceDay.map((one): SourceDay => ({
        ...one,
        source: `192.0.2.${one.failed % 250}`,
        kind: 'unknown',
        passed: 0,
        dkim: 0,
      })),
      { maxLength: 100 },
    );
    const good = mail({ days: [0, 100] });
    fc.assert(
      fc.property(state, strangers, fc.nat(110), (before, flood, day) => {
        expect(step(before, [...good, ...flood], day)).toEqual(step(before, good, day));
      }),
    );
  });
});
