import * as z from 'zod';
import { eventTypes } from '#shared/core/model/events/kinds.ts';
import { components, type Route } from './route.ts';

const types = z
  .array(z.enum(eventTypes))
  .min(1)
  .refine((given) => new Set(given).size === given.length, 'names an event twice');

const webhookRequest = z
  .strictObject({
    url: z.string().min(1).max(2048).describe('https, a public host name, port 443'),
    events: types.describe('What it is told'),
  })
  .register(components, { id: 'WebhookRequest' });

const webhookDocument = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.enum(eventTypes)),
    createdAt: z.iso.datetime(),
  })
  .register(components, { id: 'Webhook' });

const createdWebhook = webhookDocument
  .extend({
    secret: z
      .string()
      .describe('`whsec_...`, by which you verify the signatures; it is shown only now'),
  })
  .register(components, { id: 'CreatedWebhook' });

const webhookList = z
  .object({ webhooks: z.array(webhookDocument) })
  .register(components, { id: 'WebhookList' });

const deliveriesQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

const deliveryPage = z
  .object({
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
  })
  .register(components, { id: 'DeliveryPage' });

export type WebhookDocument = z.infer<typeof webhookDocument>;
export type DeliveryPage = z.infer<typeof deliveryPage>;

/** Routes of the endpoints that receive a tenant's events. */
export const webhooks = {
  listWebhooks: {
    function: 'webhook-settings',
    method: 'GET',
    path: '/v1/webhooks',
    scope: 'domains',
    summary: 'List your webhooks',
    answer: { status: 200, says: 'The list', json: webhookList },
    refusals: [],
  },
  createWebhook: {
    function: 'webhook-settings',
    method: 'POST',
    path: '/v1/webhooks',
    scope: 'domains',
    summary: 'Have events sent to an endpoint of yours',
    description:
      'Requests are signed by the Standard Webhooks scheme with the secret that is shown only now, and repeated for 28 hours until one is answered with 2xx.',
    body: webhookRequest,
    answer: { status: 201, says: 'Made', json: createdWebhook },
    refusals: ['webhook-invalid', 'too-many-webhooks'],
  },
  deleteWebhook: {
    function: 'webhook-settings',
    method: 'DELETE',
    path: '/v1/webhooks/{id}',
    scope: 'domains',
    summary: 'Delete a webhook',
    answer: { status: 200, says: 'Deleted', json: webhookDocument },
    refusals: ['not-found'],
  },
  listDeliveries: {
    function: 'webhook-settings',
    method: 'GET',
    path: '/v1/webhooks/{id}/deliveries',
    scope: 'domains',
    summary: 'List what was sent to a webhook, newest first',
    description: 'For 30 days.',
    query: deliveriesQuery,
    answer: { status: 200, says: 'A page', json: deliveryPage },
    refusals: ['not-found', 'invalid-cursor'],
  },
} as const satisfies Record<string, Route>;
