import { describe, expect, test } from 'vitest';
import { decodeSesEvent } from '../../../../lambdas/ses-events/decode.ts';
import { messageIdOf, tenantIdOf } from '#shared/core/model/names.ts';

const id = messageIdOf(new Uint8Array(16));
const tenant = tenantIdOf(new Uint8Array(16));
const timestamp = '2026-11-20T10:00:00.000Z';
const tags = {
  tenant: [tenant],
  message: [id],
  chunk: ['2'],
  attempt: ['3'],
  'ses:operation': ['SendRawEmail'],
};
const target = { tenant, id, recipientBatch: 2, domain: 'example.com' };
const about = { attempt: 3, exitId: 'ses-1', at: timestamp };

/** An event in the form of the Amazon SES Developer Guide's "event publishing" examples. */
const event = (eventType: string, part: object = {}, mail: object = {}) =>
  JSON.stringify({
    eventType,
    mail: {
      timestamp,
      source: 'bounces@example.com',
      sendingAccountId: '123456789012',
      messageId: 'ses-1',
      destination: ['a@example.net', 'b@example.net'],
      headersTruncated: false,
      headers: [{ name: 'From', value: 'ann@example.com' }],
      commonHeaders: { from: ['ann@example.com'] },
      tags,
      ...mail,
    },
    ...part,
  });

describe('decodeSesEvent', () => {
  test('Send: SES accepted it for all', () => {
    expect(decodeSesEvent(event('Send', { send: {} }))).toEqual([
      {
        ...target,
        event: { state: 'sent', addresses: ['a@example.net', 'b@example.net'], ...about },
      },
    ]);
  });

  test('Delivery: those it was delivered to, with the receiver’s words', () => {
    const delivery = {
      timestamp,
      processingTimeMillis: 546,
      recipients: ['b@example.net'],
      smtpResponse: '250 ok',
      reportingMTA: 'a8-70.smtp-out.amazonses.com',
    };
    expect(decodeSesEvent(event('Delivery', { delivery }))).toEqual([
      {
        ...target,
        event: { state: 'delivered', addresses: ['b@example.net'], ...about, detail: '250 ok' },
      },
    ]);
  });

  test.each([
    ['Permanent', 'bounced'],
    ['Undetermined', 'bounced'],
    ['Transient', 'soft-bounced'],
  ])('Bounce %s: %s, each with its own reason', (bounceType, state) => {
    const suppresses = bounceType === 'Permanent' ? { suppresses: 'bounce' } : {};
    const bounce = {
      bounceType,
      bounceSubType: 'General',
      timestamp,
      feedbackId: 'x',
      bouncedRecipients: [
        {
          emailAddress: 'a@example.net',
          action: 'failed',
          status: '5.1.1',
          diagnosticCode: '550 no',
        },
        { emailAddress: 'b@example.net' },
      ],
    };
    expect(decodeSesEvent(event('Bounce', { bounce }))).toEqual([
      {
        ...target,
        event: {
          state,
          addresses: ['a@example.net'],
          ...about,
          ...suppresses,
          detail: `${bounceType}/General: 550 no`,
        },
      },
      {
        ...target,
        event: {
          state,
          addresses: ['b@example.net'],
          ...about,
          ...suppresses,
          detail: `${bounceType}/General`,
        },
      },
    ]);
  });

  test('Complaint', () => {
    const complaint = {
      timestamp,
      feedbackId: 'x',
      complainedRecipients: [{ emailAddress: 'a@example.net' }],
      complaintFeedbackType: 'abuse',
    };
    expect(decodeSesEvent(event('Complaint', { complaint }))).toEqual([
      {
        ...target,
        event: {
          state: 'complained',
          addresses: ['a@example.net'],
          ...about,
          suppresses: 'complaint',
          detail: 'abuse',
        },
      },
    ]);
  });

  test('Reject: for all, with the reason', () => {
    expect(decodeSesEvent(event('Reject', { reject: { reason: 'Bad content' } }))).toEqual([
      {
        ...target,
        event: {
          state: 'rejected',
          addresses: ['a@example.net', 'b@example.net'],
          ...about,
          detail: 'Bad content',
        },
      },
    ]);
  });

  test('DeliveryDelay', () => {
    const deliveryDelay = {
      timestamp,
      delayType: 'MailboxFull',
      expirationTime: timestamp,
      delayedRecipients: [{ emailAddress: 'a@example.net', status: '4.2.2' }],
    };
    expect(decodeSesEvent(event('DeliveryDelay', { deliveryDelay }))).toEqual([
      {
        ...target,
        event: {
          state: 'delayed',
          addresses: ['a@example.net'],
          ...about,
          detail: 'MailboxFull: 4.2.2',
        },
      },
    ]);
  });

  test('a receiver’s words are cut at 300 characters', () => {
    const delivery = { timestamp, recipients: [], smtpResponse: 'x'.repeat(5000) };
    expect(decodeSesEvent(event('Delivery', { delivery }))).toMatchObject([
      { event: { detail: 'x'.repeat(300) } },
    ]);
  });

  test.each<[string, object]>([
    ['no tags', { tags: undefined }],
    ['another’s tags', { tags: { campaign: ['x'] } }],
    ['a tenant that is none', { tags: { ...tags, tenant: ['t_x#m'] } }],
    ['a message id that is none', { tags: { ...tags, message: ['7'] } }],
    ['a chunk that is no number', { tags: { ...tags, chunk: ['one'] } }],
    ['no attempt', { tags: { ...tags, attempt: [] } }],
  ])('an event with %s is not ours', (_, mail) => {
    expect(decodeSesEvent(event('Send', {}, mail))).toHaveProperty('foreign');
  });

  test('a type without a subscription is not ours', () => {
    expect(decodeSesEvent(event('Open', { open: {} }))).toHaveProperty('foreign');
  });

  test.each<[string, string]>([
    ['is not JSON', 'x'],
    ['is no object', '7'],
    ['is empty', '{}'],
    ['is SNS’s own envelope', JSON.stringify({ Type: 'Notification', Message: event('Send') })],
    ['lacks its part', event('Bounce')],
    [
      'has a part of another shape',
      event('Delivery', { delivery: { timestamp, recipients: 'a' } }),
    ],
  ])('what %s is an error', (_, body) => {
    expect(() => decodeSesEvent(body)).toThrow(Error);
  });
});
