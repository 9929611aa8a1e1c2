import { describe, expect, test } from 'vitest';
import { lostClaim } from '#shared/domain/claim.ts';
import { claimEvents, eventTypes, heldBackEvent, messageEvents } from '#shared/domain/event.ts';
import { messageIdOf } from '#shared/domain/names.ts';
import { givenClaim } from '../../fakes/given-claim.ts';

const at = '2026-11-20T10:00:00.000Z';
const pending = givenClaim();
const verified = { ...pending, status: 'verified', statusSince: at } as const;

describe('a change of a claim tells', () => {
  test.each([
    [pending, verified, 'domain.verified'],
    [verified, { ...verified, status: 'at-risk', statusSince: at }, 'domain.at_risk'],
    [verified, lostClaim(verified, at), 'domain.lost'],
  ] as const)('the status that it came to have', (before, after, type) => {
    expect(claimEvents(before, after)).toEqual([
      {
        id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
        type,
        tenant: pending.tenant,
        at,
        data: { domain: 'example.com', status: after.status, previousStatus: before.status },
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
});

test('what became of a mail is told for each recipient', () => {
  const message = { tenant: pending.tenant, id: messageIdOf(new Uint8Array(16)) };
  const told = messageEvents(message, {
    state: 'soft-bounced',
    addresses: ['A@example.net', 'b@example.net'],
    at,
    detail: 'full',
  });
  expect(told).toMatchObject([
    { type: 'message.soft_bounced', at, data: { recipient: 'A@example.net', detail: 'full' } },
    { type: 'message.soft_bounced', data: { message: message.id, recipient: 'b@example.net' } },
  ]);
  expect(new Set(told.map(({ id }) => id)).size).toBe(2);
  for (const { type } of told) expect(eventTypes).toContain(type);
});

test('a rotation that is held back is told with its reason', () => {
  const event = heldBackEvent(pending, { reason: 'not-pointing', detail: 'Mend it.', since: at });
  expect(event).toMatchObject({ type: 'rotation.held_back', data: { reason: 'not-pointing' } });
  expect(eventTypes).toContain(event.type);
});
