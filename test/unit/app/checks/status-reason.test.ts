import { describe, expect, test } from 'vitest';
import { statusReason } from '#shared/app/checks/decide/status-reason.ts';
import type { Evidence } from '#shared/app/checks/decide/transition.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';

const checks: RecordCheck[] = [
  { id: 'dkim-zero', status: 'missing', code: 'missing', observed: [], hint: 'Add it.' },
  { id: 'dkim-one', status: 'ok', observed: [] },
  { id: 'dkim-two', status: 'wrong', code: 'other-slot', observed: [], hint: 'Change it.' },
  { id: 'dmarc', status: 'missing', code: 'missing', observed: [], hint: 'Not this one.' },
];
const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
  proof: 'own',
  current: 'right',
  rightSlots: ['dkim-one'],
  brokenSlots: ['dkim-zero', 'dkim-two'],
  hasCnameTarget: true,
  ...changes,
});

describe('why a claim has its status', () => {
  test('what broke, with what to change of each', () => {
    expect(statusReason('at-risk', evidence(), checks)).toEqual({
      reason: 'missing',
      detail: 'Add it. Change it.',
    });
  });

  test('that another account proved it, and no more of that', () => {
    for (const status of ['at-risk', 'lost'] as const) {
      const advised = statusReason(status, evidence({ proof: 'rival' }), checks);
      expect(advised).toMatchObject({ reason: 'held-by-another' });
    }
  });

  test('that it was broken for too long', () => {
    expect(statusReason('lost', evidence({ proof: 'none' }), checks)).toEqual({
      reason: 'broken-for-7-days',
      detail: 'The records were broken for 7 days. Add it. Change it.',
    });
  });

  test('that the key is not found behind right records, or that DNS does not answer', () => {
    const right = { brokenSlots: [] };
    expect(statusReason('at-risk', evidence({ ...right, current: 'wrong' }), checks)).toMatchObject(
      { reason: 'key-not-found' },
    );
    const silent = evidence({ ...right, proof: 'unknown', current: 'unknown' });
    expect(statusReason('at-risk', silent, checks)).toMatchObject({ reason: 'no-answer' });
  });

  test('nothing where the status is good', () => {
    expect(statusReason('verified', evidence(), checks)).toBeUndefined();
    expect(statusReason('pending', evidence({ proof: 'none' }), checks)).toBeUndefined();
    expect(statusReason('expired', evidence({ proof: 'none' }), checks)).toBeUndefined();
  });
});
