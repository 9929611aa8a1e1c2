import * as z from 'zod';
import { eventTypes } from '#shared/core/model/event.ts';

const types = z
  .array(z.enum(eventTypes))
  .min(1)
  .refine((given) => new Set(given).size === given.length, 'names an event twice');

/** The body of `POST /v1/webhooks`. */
export const webhookRequest = z.strictObject({
  url: z.string().min(1).max(2048).describe('https, a public host name, port 443'),
  events: types.describe('What it is told'),
});

export const webhookDocument = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.enum(eventTypes)),
  createdAt: z.iso.datetime(),
});

export const createdWebhook = webhookDocument.extend({
  secret: z
    .string()
    .describe('`whsec_...`, by which you verify the signatures; it is shown only now'),
});

export const webhookList = z.object({ webhooks: z.array(webhookDocument) });

export const deliveriesQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const deliveryPage = z.object({
  deliveries: z.array(
    z.object({
      id: z.string().describe('The `webhook-id` of its requests'),
      type: z.enum(eventTypes),
      at: z.iso.datetime().describe('When it happened'),
      state: z.enum(['pending', 'delivered', 'failed']),
      nextAt: z.iso.datetime().nullable().describe('When it is tried again'),
      attempts: z.array(
        z.object({
          at: z.iso.datetime(),
          status: z.int().nullable().describe('What the endpoint answered'),
          error: z.string().nullable(),
        }),
      ),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
  cursor: z.string().nullable().describe('For the next page; null on the last one'),
});

export type WebhookDocument = z.infer<typeof webhookDocument>;
export type DeliveryPage = z.infer<typeof deliveryPage>;
