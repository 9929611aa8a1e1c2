import { expect, test } from 'vitest';
import { sendingStatus } from '#shared/app/checks/sending-status.ts';
import type { SendingStatus } from '#shared/core/model/check.ts';
import type { ClaimStatus, Lifecycle } from '#shared/core/model/claim.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';

const statuses: SendingStatus[] = ['preparing', 'ready', 'failed'];

test.each<[ClaimStatus, Lifecycle]>([
  ['pending', 'live'],
  ['lost', 'live'],
  ['verified', 'deleting'],
  ['verified', 'tombstone'],
  ['pending', 'expired'],
])('of a claim that is %s and %s reveals nothing of the identity', (status, lifecycle) => {
  for (const view of [undefined, ...statuses.map((one) => ({ status: one, hasMailFrom: true }))]) {
    expect(sendingStatus(givenClaim({ status, lifecycle }), view)).toBe('preparing');
  }
});

test.each<[ClaimStatus]>([['verified'], ['at-risk']])(
  'of a claim that is %s is the identity’s',
  (status) => {
    const claim = givenClaim({ status });
    for (const one of statuses) {
      expect(sendingStatus(claim, { status: one, hasMailFrom: true })).toBe(one);
    }
    expect(sendingStatus(claim, undefined)).toBe('preparing');
  },
);

test('is not ready before mail has the MAIL FROM of the domain', () => {
  expect(sendingStatus(givenClaim({ status: 'verified' }), { status: 'ready' })).toBe('preparing');
});

test('says of any live claim that it waits for the operator', () => {
  for (const status of ['pending', 'verified', 'at-risk', 'lost'] as const) {
    expect(sendingStatus(givenClaim({ status }), { status: 'held' })).toBe('held');
  }
  expect(sendingStatus(givenClaim({ lifecycle: 'deleting' }), { status: 'held' })).toBe(
    'preparing',
  );
});
