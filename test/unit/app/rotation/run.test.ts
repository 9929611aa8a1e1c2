import { beforeEach, describe, expect, test } from 'vitest';
import { DAY, TestEnvironment } from './test-environment.ts';

let testEnvironment: TestEnvironment;
beforeEach(() => {
  testEnvironment = new TestEnvironment();
});

describe('the first months of a domain', () => {
  test('each rotates once, with one claim write, and one pair and one UPSERT once a slot is refilled', async () => {
    const claim = await testEnvironment.givenVerified();
    expect(await testEnvironment.states(claim)).toEqual(['zero current', 'one next', 'two spare']);
    const months = [
      ['2026-02', ['zero previous', 'one current', 'two next'], 0],
      ['2026-03', ['zero next', 'one previous', 'two current'], 1],
      ['2026-04', ['zero current', 'one next', 'two previous'], 1],
      ['2026-05', ['zero previous', 'one current', 'two next'], 1],
    ] as const;
    for (const [month, states, made] of months) {
      const { pairs } = testEnvironment.paper;
      const { writes } = testEnvironment.claims;
      const { upserts } = testEnvironment.zone;
      testEnvironment.schedule(`${month}-01T03:00:00Z`);
      await testEnvironment.until(`${month}-01T12:00:00Z`);
      expect([month, await testEnvironment.states(claim)]).toEqual([month, [...states]]);
      expect(testEnvironment.paper.pairs - pairs).toBe(made);
      expect(testEnvironment.claims.writes - writes).toBe(1);
      expect(testEnvironment.zone.upserts - upserts).toBe(made);
      expect((await testEnvironment.claim(claim)).rotated).toMatchObject({ period: month });
    }
    const past = await testEnvironment.pastKeys(claim);
    expect(past).toHaveLength(3);
    expect(past.map(({ selector }) => selector)).toEqual(['zero', 'one', 'two']);
    const run = await testEnvironment.runs.latest();
    expect(run).toMatchObject({ period: '2026-05', planned: 1 });
    expect(run?.finishedAt).toBeDefined();
    expect((await testEnvironment.runs.progress('2026-05')).tally).toEqual({ rotated: 1 });
  });
});

test('a run counts every claim once and leaves what is not due to the daily retry', async () => {
  for (let count = 0; count < 60; count += 1) await testEnvironment.givenVerified();
  await testEnvironment.until('2026-01-25T00:00:00Z');
  const late = await testEnvironment.givenVerified();
  testEnvironment.schedule('2026-02-01T03:00:00Z');
  await testEnvironment.until('2026-02-01T12:00:00Z');
  expect((await testEnvironment.runs.progress('2026-02')).tally).toEqual({
    rotated: 60,
    'not-due': 1,
  });
  const [item] = testEnvironment.backlog.items.values();
  expect(item).toMatchObject({ label: late.label, kind: 'not-due', period: '2026-02' });
  for (let day = 2; day <= 12; day += 1) {
    testEnvironment.at(Date.parse('2026-02-01T05:00:00Z') + (day - 1) * DAY, () =>
      testEnvironment.retry(),
    );
  }
  await testEnvironment.until('2026-02-12T12:00:00Z');
  expect(await testEnvironment.states(late)).toEqual(['zero previous', 'one current', 'two next']);
  expect(testEnvironment.backlog.items.size).toBe(0);
  const { later } = await testEnvironment.runs.progress('2026-02');
  expect(later.rotated).toBe(1);
});
