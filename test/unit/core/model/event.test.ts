import { describe, expect, test } from 'vitest';
import {
  beginAttempt,
  endAttempt,
  loseAttempt,
  newRecipientBatches,
  refuseRecipientBatch,
  type RecipientBatch,
} from '#shared/core/model/recipient-batch.ts';
import { deletedClaim, lostClaim, restoredClaim, type Claim } from '#shared/core/model/claim.ts';
import {
  recipientBatchEvents,
  claimEvents,
  rotationBlockedEvent,
  messageEvents,
  publishedEvent,
} from '#shared/core/model/event.ts';
import { domainEventTypes, eventTypes } from '#shared/core/model/events/kinds.ts';
import { summaryOf } from '#shared/core/model/events/kinds.ts';
import { messageIdOf } from '#shared/core/model/names.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';

const at = '2026-11-20T10:00:00.000Z';
const pending = givenClaim();
const verified = { ...pending, status: 'verified', statusSince: at } as const;

describe('a change of a claim reports', () => {
  const statusReason = { reason: 'missing', detail: 'Add it.' } as const;
  const lost = { reason: 'held-by-another', detail: expect.stringContaining('Another account') };
  test.each([
    [pending, verified, 'domain.verified', {}],
    [verified, { ...verified, status: 'at-risk', statusReason }, 'domain.at_risk', statusReason],
    [verified, lostClaim(verified, at), 'domain.lost', lost],
  ] as const)('the status that it came to have, and why', (before, after, type, why) => {
    expect(claimEvents(before, after)).toEqual([
      {
        id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
        type,
        tenant: pending.tenant,
        at,
        data: {
          domain: 'example.com',
          status: after.status,
          previousStatus: before.status,
          ...why,
        },
      },
    ]);
  });

  test('nothing where the status stayed, or is pending again', () => {
    expect(claimEvents(verified, { ...verified, version: 9 })).toEqual([]);
    expect(claimEvents(verified, { ...verified, status: 'pending', statusSince: 'x' })).toEqual([]);
  });

  test('the same event the same id, another time another', () => {
    const [first] = claimEvents(pending, verified);
    expect(claimEvents(pending, verified)[0]!.id).toBe(first!.id);
    const later = { ...verified, statusSince: '2026-11-21T10:00:00.000Z' };
    expect(claimEvents(pending, later)[0]!.id).not.toBe(first!.id);
  });

  test('that it was made, deleted and brought back', () => {
    const deleted = deletedClaim(verified, at);
    const advised = [
      ...claimEvents(undefined, pending),
      ...claimEvents(verified, deleted),
      ...claimEvents(deleted, restoredClaim(deleted, '2026-11-21T10:00:00.000Z')),
    ];
    expect(advised.map((event) => [event.type, event.at])).toEqual([
      ['domain.claimed', pending.createdAt],
      ['domain.deleted', at],
      ['domain.restored', '2026-11-21T10:00:00.000Z'],
    ]);
  });

  test('a key that was revoked, once', () => {
    const [zero, one, two] = verified.keys;
    const keys = [
      { ...zero, state: 'revoked', since: at },
      { ...one, state: 'current', since: at },
      two,
    ] as unknown as Claim['keys'];
    const after = { ...verified, keys };
    expect(claimEvents(verified, after)).toMatchObject([
      { type: 'key.revoked', at, data: { selector: 'zero', keyId: zero.id } },
      { type: 'domain.rotated', data: { selector: 'one' } },
    ]);
    expect(claimEvents(after, { ...after, version: 9 })).toEqual([]);
  });

  test('each step of the DMARC policy with why, and that its plan holds', () => {
    const step = { at, tag: 'p', from: 'none', to: 'quarantine', why: 'All passes.' } as const;
    const held = { since: at, why: 'Mail of x fails.', sources: ['x'] };
    const rollOut = { held } as unknown as NonNullable<Claim['rollOut']>;
    const after = { ...verified, policyHistory: [step, { ...step, tag: 'sp' as const }], rollOut };
    const advised = claimEvents({ ...verified, policyHistory: [step] }, after);
    expect(advised).toMatchObject([
      { type: 'policy.changed', at, data: { tag: 'sp', to: 'quarantine', why: 'All passes.' } },
      { type: 'policy.held', at, data: { why: 'Mail of x fails.' } },
    ]);
    expect(claimEvents(after, { ...after, version: 9 })).toEqual([]);
  });

  test('a key that signs in place of another', () => {
    const [zero, one, two] = verified.keys;
    const keys = [
      { ...zero, state: 'previous' },
      { ...one, state: 'current', since: at },
      two,
    ] as unknown as typeof verified.keys;
    expect(claimEvents(verified, { ...verified, keys })).toMatchObject([
      { type: 'domain.rotated', at, data: { selector: 'one', previousSelector: 'zero' } },
    ]);
  });

  test('a key that signs after none did, since the one before was revoked', () => {
    const [zero, one, two] = verified.keys;
    const revoked = { ...zero, state: 'revoked' };
    const paused = { ...verified, keys: [revoked, one, two] as unknown as typeof verified.keys };
    expect(claimEvents(verified, paused)).toMatchObject([{ type: 'key.revoked' }]);
    const resumed = {
      ...verified,
      keys: [
        revoked,
        { ...one, state: 'current', since: at },
        two,
      ] as unknown as typeof paused.keys,
    };
    expect(claimEvents(paused, resumed)).toMatchObject([
      { type: 'domain.rotated', at, data: { selector: 'one', previousSelector: null } },
    ]);
  });
});

test('the outcome of a mail is reported for each recipient', () => {
  const message = { tenant: pending.tenant, id: messageIdOf(new Uint8Array(16)) };
  const advised = messageEvents(message, {
    state: 'soft-bounced',
    addresses: ['A@example.net', 'b@example.net'],
    at,
    detail: 'full',
  });
  expect(advised).toMatchObject([
    { type: 'message.soft_bounced', at, data: { recipient: 'A@example.net', detail: 'full' } },
    { type: 'message.soft_bounced', data: { message: message.id, recipient: 'b@example.net' } },
  ]);
  expect(new Set(advised.map(({ id }) => id)).size).toBe(2);
  for (const { type } of advised) expect(eventTypes).toContain(type);
});

describe('a recipient batch of a mail', () => {
  const message = { tenant: pending.tenant, id: messageIdOf(new Uint8Array(16)) };
  const [queued] = newRecipientBatches(['A@example.net', 'b@example.net']);
  const now = new Date(at);
  const begun = beginAttempt(queued!, { until: now, by: 'me' });
  const refused = refuseRecipientBatch(queued!, 'Not yours.', now);
  const unclear = loseAttempt(begun, now);

  test.each([
    ['message.refused', refused],
    ['message.unclear', unclear],
  ] as const)('reports %s of each recipient, with the reason', (type, recipientBatch) => {
    const advised = recipientBatchEvents(message, recipientBatch);
    expect(advised).toEqual(
      ['A@example.net', 'b@example.net'].map((recipient) => ({
        id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
        type,
        tenant: message.tenant,
        at,
        data: { message: message.id, recipient, detail: recipientBatch.reason },
      })),
    );
    expect(new Set(advised.map(({ id }) => id)).size).toBe(2);
    expect(recipientBatchEvents(message, recipientBatch)).toEqual(advised);
    expect(eventTypes).toContain(type);
  });

  test('that is unclear a second time reports it again', () => {
    const again = loseAttempt(beginAttempt(unclear, { until: now, by: 'me' }), now);
    expect(recipientBatchEvents(message, again)[0]!.id).not.toBe(
      recipientBatchEvents(message, unclear)[0]!.id,
    );
  });

  test('reports nothing in any other state, nor of a recipient of whom SES reported more', () => {
    const sent = endAttempt(begun, 1, { kind: 'sent', exitId: 'x' }, now);
    for (const recipientBatch of [queued!, begun, sent])
      expect(recipientBatchEvents(message, recipientBatch)).toEqual([]);
    const held: RecipientBatch = {
      ...refused,
      recipients: [{ address: 'A@example.net', state: 'delivered' }, refused.recipients[1]!],
    };
    expect(recipientBatchEvents(message, held).map(({ data }) => data['recipient'])).toEqual([
      'b@example.net',
    ]);
  });
});

test('a blocked rotation is reported with its reason', () => {
  const event = rotationBlockedEvent(pending, {
    reason: 'not-pointing',
    detail: 'Mend it.',
    since: at,
  });
  expect(event).toMatchObject({ type: 'rotation.held_back', data: { reason: 'not-pointing' } });
  expect(eventTypes).toContain(event.type);
});

test('every event about a domain can be read as sentences', () => {
  for (const type of domainEventTypes) {
    const summary = summaryOf({ type, data: { domain: pending.domain, detail: 'Mend it.' } });
    expect(summary).toMatch(/^[A-Z][^]*\.$/);
  }
  const { type, data } = publishedEvent(pending, at);
  expect(summaryOf({ type, data })).toContain('name servers');
});
