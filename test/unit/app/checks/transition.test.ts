import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type Decision, type Evidence } from '#shared/app/checks/decide/transition.ts';
import { newMemory, type CheckMemory } from '#shared/core/model/check.ts';
import type { Claim, ClaimStatus } from '#shared/core/model/claim.ts';
import { DAY, HOUR, START } from './test-environment.ts';

const slots = ['dkim-zero', 'dkim-one', 'dkim-two'];
const right: Evidence = {
  proof: 'own',
  current: 'right',
  rightSlots: slots,
  brokenSlots: [],
  hasCnameTarget: true,
};
const twoOfThree: Evidence = {
  ...right,
  rightSlots: slots.slice(0, 2),
  brokenSlots: slots.slice(2),
};
const currentWrong: Evidence = {
  ...right,
  current: 'wrong',
  rightSlots: slots.slice(1),
  brokenSlots: slots.slice(0, 1),
};
const gone: Evidence = {
  proof: 'none',
  current: 'wrong',
  rightSlots: [],
  brokenSlots: slots,
  hasCnameTarget: false,
};
const rival: Evidence = { ...gone, proof: 'rival' };
const halfMoved: Evidence = {
  ...gone,
  proof: 'none',
  rightSlots: ['dkim-zero'],
  hasCnameTarget: true,
};
const silent: Evidence = {
  proof: 'unknown',
  current: 'unknown',
  rightSlots: [],
  brokenSlots: [],
  hasCnameTarget: false,
};
const untold: Evidence = { ...right, proof: 'unknown' };
const keyUnseen: Evidence = { ...right, current: 'unknown' };

const at = (ms: number): Date => new Date(Date.parse(START) + ms);
const claimOf = (status: ClaimStatus, seenAt?: string) => ({
  status,
  statusSince: START,
  ...(seenAt === undefined ? {} : { seenAt }),
});
const days = { claimDays: 14 };
const held: CheckMemory = { rightSlots: slots };

test.each<[ClaimStatus, string, Evidence, Decision['status']]>([
  ['pending', 'all right', right, 'verified'],
  ['pending', 'two slots of three, the current one among them', twoOfThree, 'verified'],
  ['pending', 'the holder, but the current key is wrong', currentWrong, 'pending'],
  ['pending', 'the key not seen yet', keyUnseen, 'pending'],
  ['pending', 'nothing there', gone, 'pending'],
  ['pending', 'a rival proven', rival, 'pending'],
  ['pending', 'no answer', silent, 'pending'],
  ['pending', 'the key found, but the holder unknown', untold, 'pending'],
  ['verified', 'all right', right, 'verified'],
  ['verified', 'a slot broken that does not sign', twoOfThree, 'at-risk'],
  ['verified', 'the current key wrong', currentWrong, 'at-risk'],
  ['verified', 'all gone', gone, 'at-risk'],
  ['verified', 'slots at two labels', halfMoved, 'at-risk'],
  ['verified', 'a rival proven', rival, 'lost'],
  ['verified', 'no answer', silent, 'verified'],
  ['verified', 'the key not seen', keyUnseen, 'verified'],
  [
    'verified',
    'the key wrong, but the holder unknown',
    { ...untold, current: 'wrong' },
    'verified',
  ],
  ['at-risk', 'the key found, but the holder unknown', untold, 'at-risk'],
  ['lost', 'the key found, but the holder unknown', untold, 'lost'],
  ['at-risk', 'all right again', right, 'verified'],
  ['at-risk', 'a slot still broken that does not sign', twoOfThree, 'at-risk'],
  ['at-risk', 'all gone', gone, 'at-risk'],
  ['at-risk', 'a rival proven', rival, 'lost'],
  ['at-risk', 'no answer', silent, 'at-risk'],
  ['lost', 'all right again', right, 'verified'],
  ['lost', 'two slots of three again', twoOfThree, 'verified'],
  ['lost', 'the current key wrong', currentWrong, 'lost'],
  ['lost', 'all gone', gone, 'lost'],
  ['lost', 'no answer', silent, 'lost'],
  ['lost', 'a rival proven', rival, 'lost'],
])('%s, with %s', (status, _what, evidence, expected) => {
  expect(decide(claimOf(status, START), held, evidence, days, at(HOUR)).status).toBe(expected);
});

/** Decides check by check; each entry is when and what was seen. */
function course(
  status: ClaimStatus,
  checks: readonly (readonly [number, Evidence])[],
): (Decision & { at: number })[] {
  let claim: Pick<Claim, 'status' | 'statusSince' | 'seenAt'> = claimOf(status, START);
  let memory: CheckMemory = status === 'pending' ? newMemory : held;
  return checks.map(([ms, evidence]) => {
    const decision = decide(claim, memory, evidence, days, at(ms));
    ({ memory } = decision);
    if (decision.status !== 'expired' && decision.status !== claim.status) {
      claim = { ...claim, status: decision.status, statusSince: at(ms).toISOString() };
    }
    return { ...decision, at: ms };
  });
}
const statusesOf = (decisions: readonly Decision[]) => decisions.map(({ status }) => status);

describe('what is broken', () => {
  test('is not lost while one slot is right, however long the signing key is broken', () => {
    const oneRight: Evidence = { ...currentWrong, rightSlots: ['dkim-two'] };
    const checks = Array.from({ length: 60 }, (_, day) => [day * 24 * HOUR, oneRight] as const);
    expect(new Set(statusesOf(course('verified', checks)))).toEqual(new Set(['at-risk']));
  });

  test('is lost after 7 days, and not before', () => {
    const decisions = course('verified', [
      [0, gone],
      [7 * DAY - 1, gone],
      [7 * DAY, gone],
    ]);
    expect(statusesOf(decisions)).toEqual(['at-risk', 'at-risk', 'lost']);
  });

  test('starts over once it was right in between', () => {
    const decisions = course('verified', [
      [0, gone],
      [6 * DAY, right],
      [7 * DAY, gone],
      [13 * DAY, gone],
      [14 * DAY, gone],
    ]);
    expect(statusesOf(decisions)).toEqual(['at-risk', 'verified', 'at-risk', 'at-risk', 'lost']);
  });

  test('does not age while DNS says nothing', () => {
    const decisions = course('verified', [
      [0, gone],
      [1 * DAY, silent],
      [10 * DAY, gone],
      [15 * DAY, gone],
      [16 * DAY, gone],
    ]);
    expect(statusesOf(decisions)).toEqual(['at-risk', 'at-risk', 'at-risk', 'at-risk', 'lost']);
  });

  test('in a slot that does not sign never costs the domain', () => {
    const decisions = course('verified', [
      [0, twoOfThree],
      [30 * DAY, twoOfThree],
      [31 * DAY, right],
    ]);
    expect(statusesOf(decisions)).toEqual(['at-risk', 'at-risk', 'verified']);
  });

  test('is not what never was right', () => {
    const decisions = course('pending', [
      [0, twoOfThree],
      [DAY, twoOfThree],
      [2 * DAY, right],
      [3 * DAY, twoOfThree],
    ]);
    expect(statusesOf(decisions)).toEqual(['verified', 'verified', 'verified', 'at-risk']);
  });
});

describe('DNS that says nothing', () => {
  test('for 6 days changes nothing', () => {
    const checks = Array.from({ length: 24 * 6 }, (_, hour) => [hour * HOUR, silent] as const);
    for (const status of ['pending', 'verified', 'at-risk', 'lost'] as const) {
      expect(new Set(statusesOf(course(status, checks)))).toEqual(new Set([status]));
    }
  });

  test('for 14 days puts a verified claim at risk, but never loses it', () => {
    const decisions = course('verified', [
      [0, silent],
      [14 * DAY - 1, silent],
      [14 * DAY, silent],
      [60 * DAY, silent],
      [61 * DAY, right],
    ]);
    expect(statusesOf(decisions)).toEqual([
      'verified',
      'verified',
      'at-risk',
      'at-risk',
      'verified',
    ]);
  });

  test('starts over once it said something', () => {
    const decisions = course('verified', [
      [0, silent],
      [13 * DAY, right],
      [14 * DAY, silent],
      [27 * DAY, silent],
    ]);
    expect(statusesOf(decisions)).toEqual(['verified', 'verified', 'verified', 'verified']);
  });
});

const fresh = (evidence: Evidence, ms: number, memory = newMemory, seenAt?: string) =>
  decide(claimOf('pending', seenAt), memory, evidence, days, at(ms)).status;
const unknownSince = (days: number): CheckMemory => ({
  ...newMemory,
  unknownSince: at(days * DAY).toISOString(),
});

describe('a claim that waits to be verified', () => {
  test('expires after its days if nothing ever pointed at it', () => {
    expect(fresh(gone, 14 * DAY - 1)).toBe('pending');
    expect(fresh(gone, 14 * DAY)).toBe('expired');
    expect(fresh(rival, 14 * DAY)).toBe('expired');
  });

  test('is to be warned in its last 14 days, or in the second half of fewer', () => {
    const expiresAt = (claimDays: number, ms: number, evidence = gone) =>
      decide(claimOf('pending'), newMemory, evidence, { claimDays }, at(ms)).expiresAt;
    expect(expiresAt(180, 166 * DAY - 1)).toBeUndefined();
    expect(expiresAt(180, 166 * DAY)).toBe(at(180 * DAY).toISOString());
    expect(expiresAt(180, 170 * DAY, silent)).toBe(at(180 * DAY).toISOString());
    expect(expiresAt(10, 5 * DAY - 1)).toBeUndefined();
    expect(expiresAt(10, 5 * DAY)).toBe(at(10 * DAY).toISOString());
    expect(expiresAt(180, 179 * DAY, { ...gone, hasCnameTarget: true })).toBeUndefined();
    const silentFor = { ...newMemory, silentMs: 3 * DAY };
    const put = decide(claimOf('pending'), silentFor, gone, { claimDays: 180 }, at(169 * DAY));
    expect(put.expiresAt).toBe(at(183 * DAY).toISOString());
  });

  test('does not expire where something points at it, or did', () => {
    expect(fresh({ ...gone, hasCnameTarget: true }, 14 * DAY)).toBe('pending');
    expect(fresh(gone, 14 * DAY, newMemory, START)).toBe('pending');
  });

  test('does not expire for an outage, unless that lasted for 14 days', () => {
    expect(fresh(silent, 14 * DAY, unknownSince(13))).toBe('pending');
    expect(fresh(silent, 14 * DAY)).toBe('pending');
    expect(fresh(silent, 27 * DAY, unknownSince(13))).toBe('expired');
    expect(fresh(silent, 14 * DAY, unknownSince(0))).toBe('expired');
  });
});

describe('while DNS is unchanged', () => {
  const evidence = fc.constantFrom(
    right,
    twoOfThree,
    currentWrong,
    gone,
    rival,
    halfMoved,
    silent,
    untold,
    keyUnseen,
  );
  const status = fc.constantFrom<ClaimStatus>('pending', 'verified', 'at-risk', 'lost');

  test('the second check decides as the first did', () => {
    fc.assert(
      fc.property(status, fc.array(evidence, { maxLength: 5 }), evidence, (from, past, still) => {
        const checks = [...past, still, still, still].map(
          (seen, index) => [index * HOUR, seen] as const,
        );
        const [first, ...again] = statusesOf(course(from, checks)).slice(past.length);
        expect(again).toEqual([first, first]);
      }),
    );
  });

  test('a status never goes back and forth, however long it lasts', () => {
    fc.assert(
      fc.property(status, fc.array(evidence, { maxLength: 5 }), evidence, (from, past, still) => {
        const checks = [
          ...past.map((seen, index) => [index * HOUR, seen] as const),
          ...Array.from({ length: 40 }, (_, day) => [(day + 1) * DAY, still] as const),
        ];
        const seen = statusesOf(course(from, checks)).slice(past.length);
        const changes = seen.filter((one, index) => index > 0 && one !== seen[index - 1]);
        // Waiting times may run out: at-risk, then lost.
        expect(new Set(changes).size).toBe(changes.length);
        expect(changes.length).toBeLessThanOrEqual(2);
      }),
    );
  });

  test('no answer never moves a claim to another status within 14 days', () => {
    fc.assert(
      fc.property(status, fc.array(fc.nat(14 * 24 - 1), { maxLength: 20 }), (from, hours) => {
        const checks = hours
          .toSorted((a, b) => a - b)
          .map((hour) => [hour * HOUR, silent] as const);
        expect(new Set([from, ...statusesOf(course(from, checks))])).toEqual(new Set([from]));
      }),
    );
  });
});
