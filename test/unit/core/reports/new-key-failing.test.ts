import { describe, expect, test } from 'vitest';
import type { Group, SeenSignature } from '#shared/core/reports/group.ts';
import { newKeyFailing } from '#shared/core/reports/new-key-failing.ts';
import { context, givenDay, givenGroup } from './given-day.ts';

const promoted = { current: 'one', previous: 'zero', since: '2026-11-02' };
const by = (selector: string, result: SeenSignature['result'], changes: Partial<Group> = {}) =>
  givenGroup({
    dkim: result === 'pass',
    signature: { domain: 'shop.example', selector, result },
    messages: 50,
    ...changes,
  });
/** A reporter that could verify the old key until the promotion, and sees this since. */
const saw = (reporter: string | undefined, ...groups: Group[]) => [
  givenDay([by('zero', 'pass')], { day: '2026-11-01', reporter }),
  givenDay(groups, { day: '2026-11-03', reporter }),
];
const watch = (days: ReturnType<typeof saw>, resolversConfirm = false) =>
  newKeyFailing(days, context, promoted, resolversConfirm);

const fails = by('one', 'fail');

const both = (result: SeenSignature['result']) =>
  watch([...saw('google.com', by('one', result)), ...saw('yahoo.com', by('one', result))]);

const broken = (reporter: string) => [
  givenDay([by('zero', 'fail')], { day: '2026-11-01', reporter }),
  givenDay([fails], { day: '2026-11-03', reporter }),
];

describe('a newly promoted key', () => {
  test('fails where two reporters say so, and the key before passed', () => {
    expect(watch([...saw('google.com', fails), ...saw('yahoo.com', fails)])).toEqual({
      selector: 'one',
      failed: 100,
      passed: 0,
      reporters: ['google.com', 'yahoo.com'],
    });
  });

  test('fails where one reporter says so and our own resolvers confirm it', () => {
    expect(watch(saw('google.com', fails))).toBeUndefined();
    expect(watch(saw('google.com', fails), true)?.reporters).toEqual(['google.com']);
    expect(watch(saw('google.com', by('one', 'pass')), true)).toBeUndefined();
  });

  test('fails by no report of several days', () => {
    const days = [...saw('google.com', fails), ...saw('yahoo.com', fails)];
    expect(watch(days.map((day) => ({ ...day, coarseReports: ['weeks'] })))).toBeUndefined();
  });

  test('fails where its record is gone or broken, not where DNS did not answer', () => {
    expect(both('permerror')).toBeDefined();
    expect(both('temperror')).toBeUndefined();
    expect(both('neutral')).toBeUndefined();
  });

  test('does not fail by what unverified reports say, however many', () => {
    const forged = [...saw(undefined, fails), ...saw(undefined, fails), ...saw(undefined, fails)];
    expect(watch([...saw('google.com', fails), ...forged])).toBeUndefined();
  });

  test('does not fail by mail of others with its selector, nor by forwarded mail', () => {
    const others = by('one', 'fail', {
      envelope: { domain: 'crook.example', result: 'pass' },
      messages: 10_000,
    });
    const unproven = by('one', 'fail', { envelope: undefined });
    const days = [...saw('google.com', others, unproven), ...saw('yahoo.com', others, unproven)];
    expect(watch(days)).toBeUndefined();
  });

  test('does not fail where the key before failed too: that is not the key', () => {
    expect(watch([...broken('google.com'), ...broken('yahoo.com')])).toBeUndefined();
  });

  test('does not fail where most of it passes, or too little is known', () => {
    const mostly = [by('one', 'pass'), by('one', 'fail', { messages: 40 })];
    expect(
      watch([...saw('google.com', ...mostly), ...saw('yahoo.com', ...mostly)]),
    ).toBeUndefined();
    const little = by('one', 'fail', { messages: 9 });
    expect(watch([...saw('google.com', little), ...saw('yahoo.com', little)])).toBeUndefined();
  });

  test('is not blamed for what failed with its slot before it was promoted', () => {
    const before = givenDay([by('one', 'fail')], { day: '2026-11-01' });
    const days = [
      ...saw('google.com'),
      ...saw('yahoo.com'),
      before,
      { ...before, reporter: 'yahoo.com' },
    ];
    expect(watch(days)).toBeUndefined();
  });
});
