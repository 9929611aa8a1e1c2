import * as z from 'zod';

const timestamp = z.iso.datetime().describe('ISO 8601, UTC');

/** The query of `POST /v1/messages`. */
export const submitQuery = z.object({
  recipient: z
    .array(z.string())
    .max(1000)
    .optional()
    .describe(
      'An address; repeat it for each recipient. Without it the mail goes to its To, Cc and Bcc. Write a "+" as %2B.',
    ),
});

/** The answer to `POST /v1/messages`. */
export const messageAccepted = z.object({
  id: z.string().describe('For `GET /v1/messages/{id}`'),
  status: z.literal('accepted'),
});

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

/** The answer to `GET /v1/messages/{id}`. */
export const messageDocument = z.object({
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
  unclearAttempts: z
    .int()
    .describe('Attempts of which nobody knows whether they went out: possible doubles'),
  recipients: z.array(recipientDocument),
});

/** The query of `GET /v1/messages`. */
export const messagesQuery = z.object({
  domain: z.string().describe('The author domain of the From field'),
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(50).default(25),
});

export const messagePage = z.object({
  messages: z.array(
    messageDocument.omit({ recipients: true }).extend({
      to: z.string().describe('The first recipient'),
      recipients: z
        .array(z.object({ state: recipientState, count: z.int() }))
        .describe('How many recipients are in each state'),
    }),
  ),
  cursor: z.string().nullable().describe('For the next page; null on the last one'),
});

export type MessagePage = z.infer<typeof messagePage>;
export type MessageAccepted = z.infer<typeof messageAccepted>;
export type MessageDocument = z.infer<typeof messageDocument>;
