import { describe, expect, test } from 'vitest';
import { Refusal } from '#shared/core/model/errors.ts';
import { changedByHand, endRollOut, planRollOut } from '#shared/core/dmarc/plan.ts';

const now = '2026-11-20T10:00:00.000Z';
const later = '2026-12-01T10:00:00.000Z';
const none = { p: 'none', sp: 'none' } as const;

describe('a plan', () => {
  test('begins now, ends at quarantine, and says what subdomains are asked', () => {
    expect(planRollOut({}, { dmarc: { p: 'quarantine' } }, now)).toEqual({
      dmarc: { p: 'quarantine', sp: 'quarantine' },
      rollOut: {
        startsAt: now,
        ceiling: 'quarantine',
        consent: {},
        confirmed: [],
        ignored: [],
        learned: [],
        since: { p: now, sp: now },
      },
    });
  });

  test('goes to reject only with consent, which is kept with its time until it is withdrawn', () => {
    const wish = { ceiling: 'reject' } as const;
    expect(() => planRollOut(wish, { dmarc: none }, now)).toThrow(Refusal);
    expect(() => planRollOut(wish, { dmarc: none }, now)).toThrow(/consent/);
    const agreed = planRollOut({ ...wish, consent: { reject: true } }, { dmarc: none }, now);
    expect(agreed.rollOut?.consent).toEqual({ reject: now });
    const again = planRollOut({ consent: { reject: true, none: true } }, agreed, later);
    expect(again.rollOut?.consent).toEqual({ reject: now, none: later });
    expect(() => planRollOut({ consent: { reject: false } }, again, later)).toThrow(Refusal);
    const less = planRollOut({ consent: { reject: false }, ceiling: 'quarantine' }, again, later);
    expect(less.rollOut).toMatchObject({ consent: { none: later }, ceiling: 'quarantine' });
  });

  test('that is changed keeps what is not spoken of', () => {
    const first = planRollOut({ confirmed: ['esp.example'] }, { dmarc: none }, now);
    const held = { since: now, why: 'Mail fails.', sources: ['ses'] };
    const running = { ...first, rollOut: { ...first.rollOut!, learned: ['ses'], held } };
    const changed = planRollOut({ ignored: ['other.example'] }, running, later);
    expect(changed.rollOut).toEqual({ ...running.rollOut, ignored: ['other.example'] });
  });

  test('needs a policy to begin from', () => {
    expect(() => planRollOut({}, { dmarc: undefined }, now)).toThrow(/not known yet/);
  });

  test('that ends leaves the policy and its history', () => {
    const running = planRollOut({}, { dmarc: none }, now);
    const policyHistory = [
      { at: now, tag: 'p', from: 'none', to: 'quarantine', why: 'Because.' } as const,
    ];
    expect(endRollOut({ ...running, policyHistory })).toEqual({ dmarc: none, policyHistory });
  });
});

describe('a policy changed by hand', () => {
  test('is in the history, and a stage of the plan begins again', () => {
    const running = planRollOut({}, { dmarc: none }, now);
    const changed = changedByHand(running, { p: 'quarantine' }, later);
    expect(changed.dmarc).toEqual({ p: 'quarantine', sp: 'quarantine' });
    expect(changed.rollOut?.since).toEqual({ p: later, sp: later });
    expect(changed.policyHistory).toEqual([
      { at: later, tag: 'p', from: 'none', to: 'quarantine', why: 'Changed by hand.' },
      { at: later, tag: 'sp', from: 'none', to: 'quarantine', why: 'Changed by hand.' },
    ]);
  });

  test('that asks the same leaves no trace', () => {
    const running = planRollOut({}, { dmarc: none }, now);
    expect(changedByHand(running, { ...none, adkim: 's' }, later)).toEqual({
      ...running,
      dmarc: { ...none, adkim: 's' },
    });
  });

  test('without a plan says nothing of subdomains by itself', () => {
    expect(changedByHand({ dmarc: { p: 'none' } }, { p: 'reject' }, later)).toMatchObject({
      dmarc: { p: 'reject' },
      policyHistory: [{ tag: 'p' }, { tag: 'sp' }],
    });
  });
});
