import * as z from 'zod';
import { components, type Route } from './route.ts';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');

const submitQuery = z.object({
  recipient: z
    .array(z.string())
    .max(1000)
    .optional()
    .describe(
      'An address; repeat it for each recipient. Without it the mail goes to its To, Cc and Bcc. Write a "+" as %2B.',
    ),
});

const messageAccepted = z
  .object({
    id: z.string().describe('For `GET /v1/messages/{id}`'),
    status: z.literal('accepted'),
  })
  .register(components, { id: 'MessageAccepted' });

const recipientState = z.enum([
  'accepted',
  'unclear',
  'refused',
  'sent',
  'delayed',
  'soft-bounced',
  'delivered',
  'bounced',
  'complained',
  'rejected',
]);

const recipientDocument = z.object({
  address: z.string(),
  state: recipientState.describe(
    '`unclear`: nobody knows yet whether Amazon SES has it. `refused`: it was not sent. `sent`: SES has it. `delayed`: the receiver put it off. `soft-bounced`: SES gave up for a passing reason, or an automatic reply came. `rejected`: SES found malware.',
  ),
  detail: z.string().optional().describe('The reason, in our words, SES’s or the receiver’s'),
});

export const messageDocument = z
  .object({
    id: z.string(),
    status: z
      .enum(['accepted', 'signed', 'sent', 'delivered', 'bounced', 'refused', 'unclear'])
      .describe(
        'The first that applies: `unclear` for some recipients; `accepted` or `signed` while some wait to be sent; `refused` or `bounced` for some; `sent`; `delivered` to all.',
      ),
    domain: z.string().describe('The author domain of the From field'),
    size: z.int().describe('Octets as submitted'),
    createdAt: timestamp,
    signature: z
      .object({ domain: z.string(), selector: z.string(), keyId: z.string(), at: timestamp })
      .nullable()
      .describe('Null before it is signed, and for a domain that may send unsigned'),
    reasons: z.array(z.string()).describe('Why some of it waits, is unclear or was refused'),
    expiresAt: timestamp
      .nullable()
      .describe('When what still waits of it is refused; null where nothing waits'),
    unclearAttempts: z
      .int()
      .describe('Attempts of which nobody knows whether they went out: possible doubles'),
    recipients: z.array(recipientDocument),
  })
  .register(components, { id: 'Message' });

const messagesQuery = z.object({
  domain: z.string().describe('The author domain of the From field'),
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(50).default(25),
});

export const messagePage = z
  .object({
    messages: z.array(
      messageDocument.omit({ recipients: true }).extend({
        to: z.string().describe('The first recipient'),
        recipients: z
          .array(z.object({ state: recipientState, count: z.int() }))
          .describe('How many recipients are in each state'),
      }),
    ),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'MessagePage' });

export type MessagePage = z.infer<typeof messagePage>;
export type MessageDocument = z.infer<typeof messageDocument>;

/** Mails to be sent, and what became of them. */
export const messages = {
  submitMessage: {
    function: 'messages',
    method: 'POST',
    path: '/v1/messages',
    scope: 'messages',
    summary: 'Submit a mail',
    description:
      'A mail as RFC 5322 has it, at most 4.5 MB, with a From field of a verified domain of yours. It is signed and sent; its status tells what became of it.',
    query: submitQuery,
    body: 'message/rfc822',
    idempotent: true,
    answer: {
      status: 202,
      says: 'Accepted',
      json: messageAccepted,
      location: '/v1/messages/{id}',
    },
    refusals: [
      'unsupported-media-type',
      'payload-too-large',
      'message-refused',
      'from-refused',
      'sender-refused',
      'recipients-refused',
      'idempotency-key-reused',
    ],
  },
  listMessages: {
    function: 'messages',
    method: 'GET',
    path: '/v1/messages',
    scope: 'messages',
    summary: 'List the mails from a domain, newest first',
    description: 'For 90 days. A mail that was just submitted may be missing for some seconds.',
    query: messagesQuery,
    answer: { status: 200, says: 'A page', json: messagePage },
    refusals: ['invalid-cursor', 'domain-invalid'],
  },
  getMessage: {
    function: 'messages',
    method: 'GET',
    path: '/v1/messages/{id}',
    scope: 'messages',
    summary: 'Read what became of a mail',
    answer: { status: 200, says: 'The message', json: messageDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
