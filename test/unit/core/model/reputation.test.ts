import { describe, expect, test } from 'vitest';
import { limitsFor, newReputation, standingBy } from '#shared/core/model/reputation.ts';

const limits = { bounces: { slow: 5, pause: 10 }, complaints: { slow: 0.3, pause: 1 } };
const half = { bounces: { slow: 2.5, pause: 5 }, complaints: { slow: 0.15, pause: 0.5 } };
const quarter = { bounces: { slow: 1.25, pause: 2.5 }, complaints: { slow: 0.075, pause: 0.25 } };

describe('limitsFor', () => {
  test.each([
    ['says nothing below 1,000 outcomes', { outcomes: 999, bounced: 500, complained: 50 }, limits],
    ['is well', { outcomes: 10_000, bounced: 399, complained: 7 }, limits],
    ['is near the review for bounces', { outcomes: 10_000, bounced: 400, complained: 0 }, half],
    ['is near the review for complaints', { outcomes: 10_000, bounced: 0, complained: 8 }, half],
    ['has two complaints only', { outcomes: 1_000, bounced: 0, complained: 2 }, limits],
    ['is near the pause for bounces', { outcomes: 10_000, bounced: 800, complained: 0 }, quarter],
    ['is near the pause for complaints', { outcomes: 10_000, bounced: 0, complained: 40 }, quarter],
  ])('where the account %s', (_what, account, expected) => {
    expect(limitsFor(limits, account)).toEqual(expected);
  });
});

describe('standingBy', () => {
  test.each([
    [49, 49, 0, 'good'],
    [50, 4, 0, 'good'],
    [50, 5, 0, 'paused'],
    [101, 5, 0, 'good'],
    [100, 5, 0, 'slowed'],
    [100, 9, 0, 'slowed'],
    [100, 10, 0, 'paused'],
    [100, 0, 2, 'good'],
    [300, 0, 3, 'paused'],
    [301, 0, 3, 'slowed'],
    [1_000, 0, 3, 'slowed'],
    [1_001, 0, 3, 'good'],
  ])('%i outcomes, %i bounced, %i complained: %s', (outcomes, bounced, complained, expected) => {
    const counts = { outcomes, bounced, complained };
    expect(standingBy({ ...newReputation, counts }, limits)).toBe(expected);
    expect(standingBy({ ...newReputation, counts, standing: 'paused' }, limits)).toBe('paused');
    expect(standingBy({ ...newReputation, counts, exempt: true }, limits)).toBe('good');
  });
});
