import { DAY_MS, HOUR_MS, later } from '#shared/core/time.ts';
import { expect, test } from 'vitest';
import { messageDocumentOf } from '../../../../lambdas/messages/document.ts';
import { messageDocument } from '#shared/api/routes/messages.ts';
import {
  applyEvents,
  beginAttempt,
  endAttempt,
  loseAttempt,
  newRecipientBatches,
  refuseRecipientBatch,
} from '#shared/core/model/recipient-batch.ts';
import type { Message } from '#shared/core/model/message.ts';
import type { DomainName, KeyId, MessageId, Selector, TenantId } from '#shared/core/model/names.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const lease = { until: now, by: 'me' };
const at = now.toISOString();
const message: Message = {
  tenant: 't_a' as TenantId,
  id: 'm_a' as MessageId,
  domain: 'example.com' as DomainName,
  createdAt: at,
  size: 100,
  fingerprint: 'f',
};

test('a fresh message: nothing signed, every recipient accepted', () => {
  const document = messageDocumentOf({
    message,
    recipientBatches: newRecipientBatches(['a@example.net']),
  });
  expect(document).toEqual({
    id: 'm_a',
    status: 'accepted',
    channel: null,
    counts: { accepted: 1 },
    domain: 'example.com',
    size: 100,
    createdAt: at,
    signature: null,
    reasons: [],
    repairs: [],
    expectedAt: null,
    expiresAt: later(at, 30 * DAY_MS),
    held: null,
    unclearAttempts: 0,
    recipients: [{ address: 'a@example.net', state: 'accepted' }],
  });
});

test('a message that waits for its key in DNS says so, and when it ends', () => {
  const until = later(at, 4 * HOUR_MS);
  const held = { code: 'key-not-published', since: at, until } as const;
  const [waiting] = newRecipientBatches(['a@example.net']);
  const wanted = { held: { code: 'key-not-published', since: at }, expiresAt: until };
  expect(
    messageDocumentOf({ message: { ...message, held }, recipientBatches: [waiting!] }),
  ).toMatchObject(wanted);
  const refused = refuseRecipientBatch(waiting!, 'key-not-published: ...', now);
  expect(
    messageDocumentOf({ message: { ...message, held }, recipientBatches: [refused] }),
  ).toMatchObject({ held: null, expiresAt: null });
});

test('chunks of every fate: each recipient has its state, and where there is one its reason', () => {
  const [one, two, three] = newRecipientBatches(
    Array.from({ length: 101 }, (_, i) => `r${i}@example.net`),
  );
  const sent = endAttempt(beginAttempt(one!, lease), 1, { kind: 'sent', exitId: 'x' }, now);
  const bounced = applyEvents(sent, [
    {
      state: 'bounced',
      addresses: ['r1@example.net'],
      attempt: 1,
      exitId: 'x',
      at,
      detail: '550 no',
    },
  ]);
  const unclear = loseAttempt(beginAttempt(two!, lease), now);
  const refused = refuseRecipientBatch(three!, 'not verified', now);
  const keyId = 'k_a' as KeyId;
  const signature = { domain: message.domain, selector: 'zero' as Selector, keyId };
  const document = messageDocumentOf({
    message: { ...message, signed: { at, signature } },
    recipientBatches: [bounced, unclear, refused],
  });
  expect(messageDocument.parse(document)).toEqual(document);
  expect(document).toMatchObject({
    status: 'refused',
    signature: { domain: 'example.com', selector: 'zero', keyId: 'k_a', at },
    unclearAttempts: 1,
  });
  expect(document.reasons).toEqual([
    'The sender stopped before it could note what Amazon SES answered.',
    'not verified',
  ]);
  expect(document.recipients).toHaveLength(101);
  expect(document.recipients[0]).toEqual({ address: 'r0@example.net', state: 'sent' });
  expect(document.recipients[1]).toEqual({
    address: 'r1@example.net',
    state: 'bounced',
    detail: '550 no',
  });
  expect(document.recipients[50]).toMatchObject({ address: 'r50@example.net', state: 'unclear' });
  expect(document.recipients[100]).toEqual({
    address: 'r100@example.net',
    state: 'refused',
    detail: 'not verified',
  });
});
