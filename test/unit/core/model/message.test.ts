import { describe, expect, test } from 'vitest';
import {
  beginAttempt,
  endAttempt,
  loseAttempt,
  newRecipientBatches,
  refuseRecipientBatch,
  applyEvents,
  type RecipientBatch,
  type RecipientState,
} from '#shared/core/model/recipient-batch.ts';
import { messageStatus, unclearAttempts, type Message } from '#shared/core/model/message.ts';
import type { DomainName, KeyId, MessageId, Selector, TenantId } from '#shared/core/model/names.ts';

const start = new Date('2026-11-20T10:00:00.000Z');
const lease = { until: start, by: 'me' };
const message: Message = {
  tenant: 't_a' as TenantId,
  id: 'm_a' as MessageId,
  domain: 'example.com' as DomainName,
  createdAt: start.toISOString(),
  size: 100,
  fingerprint: 'f',
};
const signed: Message = {
  ...message,
  signed: {
    at: start.toISOString(),
    signature: { domain: message.domain, selector: 'zero' as Selector, keyId: 'k_a' as KeyId },
  },
};
const unsigned: Message = {
  ...message,
  signed: { at: start.toISOString(), signature: 'unsigned' },
};

const queued = (): RecipientBatch => newRecipientBatches(['a@example.net', 'b@example.net'])[0]!;
const sending = (): RecipientBatch => beginAttempt(queued(), lease);
const sent = (): RecipientBatch => endAttempt(sending(), 1, { kind: 'sent', exitId: 'x' }, start);
const became = (a: RecipientState, b: RecipientState): RecipientBatch => ({
  ...sent(),
  recipients: [
    { address: 'a@example.net', state: a },
    { address: 'b@example.net', state: b },
  ],
});

const at = start.toISOString();
const suspension = { code: 'account-suspended', since: at, suspension: at } as const;
const waiting = { code: 'key-not-published', since: at, until: at } as const;

describe('messageStatus', () => {
  test.each<[string, Message, RecipientBatch[]]>([
    ['accepted', message, [queued(), sent()]],
    ['accepted', unsigned, [queued()]],
    ['signed', signed, [queued(), sent()]],
    ['signed', signed, [sending()]],
    ['held', { ...signed, held: suspension }, [queued(), sent()]],
    ['unclear', { ...signed, held: suspension }, [queued(), loseAttempt(sending(), start)]],
    ['sent', { ...signed, held: suspension }, [sent()]],
    ['signed', { ...signed, held: waiting }, [queued()]],
    ['refused', signed, [queued(), refuseRecipientBatch(queued(), 'no', start)]],
    ['bounced', signed, [queued(), became('delivered', 'bounced')]],
    ['unclear', signed, [sent(), loseAttempt(sending(), start), queued()]],
    ['sent', signed, [sent()]],
    ['sent', unsigned, [sent()]],
    ['sent', signed, [became('delivered', 'sent')]],
    ['sent', signed, [became('delivered', 'delayed')]],
    ['delivered', signed, [became('delivered', 'delivered')]],
    ['complained', signed, [became('complained', 'delivered')]],
    ['complained', signed, [became('delivered', 'complained')]],
    ['complained', signed, [became('bounced', 'complained')]],
    [
      'complained',
      signed,
      [became('complained', 'rejected'), queued(), loseAttempt(sending(), start)],
    ],
    ['bounced', signed, [became('delivered', 'bounced')]],
    ['bounced', signed, [became('soft-bounced', 'delivered')]],
    ['refused', signed, [became('rejected', 'rejected')]],
    [
      'refused',
      signed,
      [became('delivered', 'bounced'), refuseRecipientBatch(queued(), 'no', start)],
    ],
    ['refused', message, [refuseRecipientBatch(queued(), 'no', start)]],
  ])('%s', (status, given, recipientBatches) => {
    expect(messageStatus(given, recipientBatches)).toBe(status);
  });
});

test('unclear attempts are those given up and those still waited for', () => {
  const lost = loseAttempt(sending(), start);
  expect(unclearAttempts([sent(), lost, beginAttempt(lost, lease)])).toBe(2);
  const settled = applyEvents(lost, [
    { state: 'sent', addresses: [], attempt: 1, exitId: 'x', at: start.toISOString() },
  ]);
  expect(unclearAttempts([settled])).toBe(0);
});
