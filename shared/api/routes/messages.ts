import * as z from 'zod';
import { COUNTED_DAYS } from '#shared/core/model/reputation.ts';
import { COUNT_DAYS } from '#shared/app/ports/mail-counts.ts';
import {
  messageStatuses,
  submissionChannels,
  type SubmissionChannel,
} from '#shared/core/model/message.ts';
import { effectiveStates, type EffectiveState } from '#shared/core/model/recipient-batch.ts';
import { messageRequest, multipartMessage } from './message-requests.ts';
import { components, type Route } from './route.ts';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');

const submitQuery = z.object({
  recipient: z
    .array(z.string())
    .max(1000)
    .optional()
    .describe(
      'With `message/rfc822`: an address; repeat it for each recipient, up to some 200, or use an envelope. Without it the mail goes to its To, Cc and Bcc. Write a "+" as %2B.',
    ),
  strict: z
    .enum(['true', 'false'])
    .optional()
    .describe(
      '`true`: a mail that needs a repair is refused; `false`: it is repaired. By default as the API key has it, mostly `false`.',
    ),
});

const repairs = z
  .array(
    z.object({
      code: z.string().describe('Stable across releases'),
      detail: z.string().describe('A sentence: what was wrong, and what was done'),
    }),
  )
  .describe('Changes made to the mail before it was accepted, of which a reader sees nothing');

const messageAccepted = z
  .object({
    id: z.string().describe('For `GET /v1/messages/{id}`'),
    status: z.literal('accepted'),
    repairs,
    suppressed: z
      .array(z.string())
      .optional()
      .describe(
        'Recipients on your suppression list, to whom it is not sent; absent where none is',
      ),
    sandbox: z
      .literal(true)
      .optional()
      .describe(
        'Amazon SES delivers to verified addresses only; absent once it delivers to everybody',
      ),
    note: z.string().optional().describe('What `sandbox` means, in a sentence'),
  })
  .register(components, { id: 'MessageAccepted' });

const recipientState = z.enum(effectiveStates);

const recipientCounts = z
  .object(
    Object.fromEntries(
      effectiveStates.map((state) => [state, z.int().min(1).optional()]),
    ) as Record<EffectiveState, z.ZodOptional<z.ZodInt>>,
  )
  .describe('How many recipients are in each state; states that none is in are left out');

const recipientDocument = z.object({
  address: z.string(),
  state: recipientState.describe(
    '`unclear`: nobody knows yet whether Amazon SES has it. `refused`: it was not sent. `sent`: SES has it. `delayed`: the receiver put it off. `soft-bounced`: SES gave up for a passing reason, or an automatic reply came. `rejected`: SES found malware. `suppressed`: it was not sent, since the address is on your suppression list.',
  ),
  detail: z.string().optional().describe('The reason, in our words, SES’s or the receiver’s'),
});

export const messageDocument = z
  .object({
    id: z.string(),
    status: z
      .enum(messageStatuses)
      .describe(
        `The worst of its recipients, \`${messageStatuses[0]}\` before \`${messageStatuses.slice(1).join('`, `')}\`. \`accepted\` and \`signed\` wait to be sent; \`counts\` has all of them.`,
      ),
    domain: z.string().describe('The author domain of the From field'),
    size: z.int().describe('Octets as submitted'),
    createdAt: timestamp,
    channel: z
      .enum(submissionChannels)
      .nullable()
      .describe('The way it came; null for mail from before this was noted'),
    repairs,
    signature: z
      .object({ domain: z.string(), selector: z.string(), keyId: z.string(), at: timestamp })
      .nullable()
      .describe('Null before it is signed, and for a domain that may send unsigned'),
    reasons: z.array(z.string()).describe('Why some of it waits, is unclear or was refused'),
    expectedAt: timestamp
      .nullable()
      .describe(
        'When what waits for its turn at the send rate is expected to leave; mail that comes meanwhile may move it. Null where nothing waits, or not for its turn only',
      ),
    expiresAt: timestamp
      .nullable()
      .describe('When what still waits of it is refused; null where nothing waits'),
    held: z
      .object({
        code: z
          .enum(['key-not-published', 'sending-paused', 'account-suspended'])
          .describe(
            '`key-not-published`: the DNS of the domain leads to none of its keys; `sending-paused`: too much mail of the account or domain bounced or was reported as spam; `account-suspended`: the operator suspended the account',
          ),
        since: timestamp,
      })
      .nullable()
      .describe('What it waits for, where not for its turn only'),
    unclearAttempts: z
      .int()
      .describe('Attempts of which nobody knows whether they went out: possible doubles'),
    counts: recipientCounts,
    recipients: z.array(recipientDocument),
  })
  .register(components, { id: 'Message' });

const messagesQuery = z.object({
  domain: z
    .string()
    .optional()
    .describe(
      'The author domain of the From field. Without it the mails from all domains of up to 50',
    ),
  recipient: z.string().optional().describe('An address that the mail is for, in any case'),
  status: z.enum(messageStatuses).optional(),
  channel: z.enum(submissionChannels).optional(),
  from: timestamp.optional().describe('Those that were submitted at this time or later'),
  to: timestamp.optional().describe('Those that were submitted before this time'),
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(50).default(25),
});

export const messagePage = z
  .object({
    messages: z.array(
      messageDocument.omit({ recipients: true, expectedAt: true }).extend({
        to: z.string().describe('The first recipient'),
        recipients: z
          .array(z.object({ state: recipientState, count: z.int() }))
          .describe('How many recipients are in each state'),
      }),
    ),
    cursor: z
      .string()
      .nullable()
      .describe(
        'For the next page; null on the last one. With `recipient`, `status` or `channel` a page may have fewer mails than `limit`, and none, though there are more',
      ),
  })
  .register(components, { id: 'MessagePage' });

const countsQuery = z.object({
  domain: z.string().describe('The author domain of the From field'),
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(COUNT_DAYS)
    .default(30)
    .describe('UTC days, today the last'),
});

const channelCounts = z
  .object(
    Object.fromEntries(submissionChannels.map((channel) => [channel, z.int()])) as Record<
      SubmissionChannel,
      z.ZodInt
    >,
  )
  .register(components, { id: 'ChannelCounts' });

const messageCounts = z
  .object({
    domain: z.string(),
    total: channelCounts.describe('Of all the days'),
    days: z.array(
      z.object({
        day: z.iso.date().describe('UTC'),
        mails: channelCounts,
        outcomes: z
          .object({
            delivered: z.int(),
            bounced: z.int().describe('For good'),
            complained: z.int(),
          })
          .nullable()
          .describe(
            `Recipients of whom receivers reported an outcome that day; null for days that are over ${COUNTED_DAYS} days ago`,
          ),
      }),
    ),
  })
  .register(components, { id: 'MessageCounts' });

export type MessageCounts = z.infer<typeof messageCounts>;

export type MessagePage = z.infer<typeof messagePage>;
export type MessageDocument = z.infer<typeof messageDocument>;

/** Mails to be sent, and what became of them. */
export const messages = {
  submitMessage: {
    function: 'messages',
    method: 'POST',
    path: '/v1/messages',
    scope: 'messages:send',
    keepsToDomains: true,
    summary: 'Submit a mail',
    description:
      'A mail with a From field of a verified domain of yours: as RFC 5322 has it, alone or beside its envelope; by its fields, as JSON; or as an upload. A request takes a mail of at most 4.5 MB, an upload one of at most 29.99 MB. API Gateway answers larger requests itself, by `413 {message}`. The mail is signed and sent; its status says what became of it.',
    query: submitQuery,
    body: {
      byMediaType: {
        'message/rfc822': null,
        'multipart/form-data': multipartMessage,
        'application/json': messageRequest,
      },
    },
    keepsOwnAnswers: true,
    answer: {
      status: 202,
      says: 'Accepted',
      json: messageAccepted,
      location: '/v1/messages/{id}',
    },
    refusals: [
      'unsupported-media-type',
      'invalid-json',
      'invalid-body',
      'payload-too-large',
      'upload-not-found',
      'message-refused',
      'from-refused',
      'sender-refused',
      'recipients-refused',
      'idempotency-key-reused',
    ],
    audited: false,
  },
  listMessages: {
    function: 'messages',
    method: 'GET',
    path: '/v1/messages',
    scope: 'messages:read',
    keepsToDomains: true,
    summary: 'List mails, newest first',
    description:
      'For 90 days, from one domain or all, by recipient, status, channel and time. A mail that was just submitted may be missing for some seconds.',
    query: messagesQuery,
    answer: { status: 200, says: 'A page', json: messagePage },
    refusals: ['invalid-cursor', 'domain-invalid', 'invalid-parameter', 'forbidden'],
  },
  countMessages: {
    function: 'messages',
    method: 'GET',
    path: '/v1/message-counts',
    scope: 'messages:read',
    keepsToDomains: true,
    summary: 'Count the mails from a domain, and what became of them, by day',
    description:
      'Accepted mails of up to 90 days: `api` as MIME, `json` by fields, `upload`, `smtp`. A mail is missing where its count could not be written, and those from before mails were counted are.',
    query: countsQuery,
    answer: { status: 200, says: 'The counts', json: messageCounts },
    refusals: ['domain-invalid', 'forbidden'],
  },
  getMessage: {
    function: 'messages',
    method: 'GET',
    path: '/v1/messages/{id}',
    scope: 'messages:read',
    keepsToDomains: true,
    summary: 'Read what became of a mail',
    answer: { status: 200, says: 'The message', json: messageDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
