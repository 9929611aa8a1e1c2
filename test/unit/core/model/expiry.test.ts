import { expect, test } from 'vitest';
import { expiresAt } from '#shared/core/model/expiry.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';

const days = { claimDays: 180 };
const at = '2026-11-20T10:00:00.000Z';

test('a claim that waits expires after its days', () => {
  expect(expiresAt(givenClaim(), days)).toBe('2027-04-30T00:00:00.000Z');
});

test('what its tenant has read stays', () => {
  expect(expiresAt(givenClaim({ expiring: { since: at, expiresAt: at } }), days)).toBe(at);
});

test.each([
  ['something pointed at', { seenAt: at }],
  ['is verified', { status: 'verified', verifiedAt: at, seenAt: at }],
  ['is being deleted', { lifecycle: 'deleting', deletedAt: at }],
] as const)('a claim that %s does not expire', (_what, changes) => {
  expect(expiresAt(givenClaim(changes), days)).toBeUndefined();
});
