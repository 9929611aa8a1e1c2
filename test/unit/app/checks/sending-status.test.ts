import { expect, test } from 'vitest';
import { sendingStatus } from '#shared/app/checks/sending-status.ts';
import type { SendingStatus } from '#shared/core/model/check.ts';
import type { ClaimStatus, Lifecycle } from '#shared/core/model/claim.ts';

const statuses: SendingStatus[] = ['preparing', 'ready', 'failed'];

test.each<[ClaimStatus, Lifecycle]>([
  ['pending', 'live'],
  ['lost', 'live'],
  ['verified', 'deleting'],
  ['verified', 'tombstone'],
  ['pending', 'expired'],
])('of a claim that is %s and %s reveals nothing of the identity', (status, lifecycle) => {
  for (const identity of [undefined, ...statuses.map((one) => ({ status: one }))]) {
    expect(sendingStatus({ status, lifecycle }, identity)).toBe('preparing');
  }
});

test.each<[ClaimStatus]>([['verified'], ['at-risk']])(
  'of a claim that is %s is the identity’s',
  (status) => {
    for (const one of statuses) {
      expect(sendingStatus({ status, lifecycle: 'live' }, { status: one })).toBe(one);
    }
    expect(sendingStatus({ status, lifecycle: 'live' }, undefined)).toBe('preparing');
  },
);
