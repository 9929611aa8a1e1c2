import * as z from 'zod';
import { chosenEventTypes, eventTypes } from '#shared/core/model/events/kinds.ts';
import { components, type Route } from './route.ts';

const types = z
  .array(z.enum(chosenEventTypes))
  .min(1)
  .refine((given) => new Set(given).size === given.length, 'names an event twice');

const url = z.string().min(1).max(2048).describe('https, a public host name, port 443');

const webhookRequest = z
  .strictObject({
    url,
    events: types.describe(
      'The kinds of event that it receives, of what you may read: `message.*` needs `messages:read`, the others `domains:read`',
    ),
  })
  .register(components, { id: 'WebhookRequest' });

const webhookChange = z
  .strictObject({
    url: url.optional(),
    events: types.optional(),
    active: z
      .boolean()
      .optional()
      .describe('False switches it off; true switches it on, and forgets what it failed'),
  })
  .register(components, { id: 'WebhookChange' });

const secretRotation = z
  .strictObject({
    overlapHours: z
      .int()
      .min(0)
      .max(168)
      .default(24)
      .describe('The secrets before sign beside the new one for so long; 0 ends them at once'),
  })
  .register(components, { id: 'SecretRotation' });

const endedStates = z.enum(['failed', 'missed', 'delivered']);

const replayRequest = z
  .union([
    z.strictObject({
      delivery: z
        .strictObject({ id: z.string().min(1).max(100), at: z.iso.datetime() })
        .describe('`id` and `at` of a delivery, as the list has them'),
    }),
    z.strictObject({
      from: z.iso.datetime().describe('Of events that happened then or later'),
      to: z.iso
        .datetime()
        .optional()
        .describe('And before this time; until now where it is absent'),
      states: z.array(endedStates).min(1).default(['failed', 'missed']),
      cursor: z.string().optional().describe('The `cursor` of the answer before'),
    }),
  ])
  .register(components, { id: 'ReplayRequest' });

const replayAnswer = z
  .object({
    replayed: z.int().describe('The deliveries that are sent again'),
    cursor: z
      .string()
      .nullable()
      .describe(
        'For the rest, by another request with the same `from`, `to` and `states`; null at the end',
      ),
  })
  .register(components, { id: 'Replayed' });

const webhookDocument = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.enum(chosenEventTypes)),
    createdAt: z.iso.datetime(),
    state: z
      .enum(['on', 'slowed', 'off'])
      .describe('`slowed`: it fails, and gets one request at a time with pauses between them'),
    failing: z
      .object({
        since: z.iso.datetime(),
        attempts: z.int(),
        reason: z.string(),
        nextAt: z.iso.datetime().nullable().describe('The next request, while it is slowed'),
      })
      .nullable()
      .describe('Attempts that failed since the last that was taken'),
    off: z
      .object({
        at: z.iso.datetime(),
        by: z.enum(['service', 'tenant']),
        reason: z.string().nullable(),
      })
      .nullable(),
    previousSecretsUntil: z
      .array(z.iso.datetime())
      .describe('When each secret that it had before signs no more'),
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

const delivery = z
  .object({
    id: z.string().describe('The `webhook-id` of its requests'),
    type: z.enum(eventTypes),
    at: z.iso.datetime().describe('When it happened'),
    state: z
      .enum(['pending', 'delivered', 'failed', 'missed'])
      .describe('`missed`: not sent, since the endpoint was switched off or failed all the time'),
    nextAt: z.iso.datetime().nullable().describe('When it is tried again'),
    attempts: z.array(
      z.object({
        at: z.iso.datetime(),
        status: z.int().nullable().describe('What the endpoint answered'),
        error: z.string().nullable(),
      }),
    ),
    data: z.record(z.string(), z.unknown()),
  })
  .register(components, { id: 'Delivery' });

const deliveryPage = z
  .object({
    deliveries: z.array(delivery),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'DeliveryPage' });

export type WebhookDocument = z.infer<typeof webhookDocument>;
export type DeliveryDocument = z.infer<typeof delivery>;
export type DeliveryPage = z.infer<typeof deliveryPage>;

/** Routes of the endpoints that receive a tenant's events. */
export const webhooks = {
  listWebhooks: {
    function: 'webhook-settings',
    method: 'GET',
    path: '/v1/webhooks',
    scope: 'webhooks',
    acrossTenants: true,
    summary: 'List your webhooks',
    answer: { status: 200, says: 'The list', json: webhookList },
    refusals: [],
  },
  createWebhook: {
    function: 'webhook-settings',
    method: 'POST',
    path: '/v1/webhooks',
    scope: 'webhooks',
    acrossTenants: true,
    summary: 'Have events sent to an endpoint of yours',
    description:
      'Requests are signed by the Standard Webhooks scheme with the secret that is shown only now, and repeated for 28 hours until one is answered with 2xx.',
    body: webhookRequest,
    answersSecret: true,
    answer: { status: 201, says: 'Made', json: createdWebhook },
    refusals: ['webhook-invalid', 'too-many-webhooks', 'forbidden'],
  },
  changeWebhook: {
    function: 'webhook-settings',
    method: 'PATCH',
    path: '/v1/webhooks/{id}',
    scope: 'webhooks',
    acrossTenants: true,
    summary: 'Change a webhook, or switch it off and on',
    description:
      'An endpoint that took nothing for 3 days, or answered 410, is switched off: switch it on here, and have what it missed sent again.',
    body: webhookChange,
    answer: { status: 200, says: 'The webhook', json: webhookDocument },
    refusals: ['not-found', 'webhook-invalid', 'forbidden'],
  },
  testWebhook: {
    function: 'webhook-settings',
    method: 'POST',
    path: '/v1/webhooks/{id}/test',
    scope: 'webhooks',
    acrossTenants: true,
    summary: 'Send a test to a webhook',
    description:
      'An event `webhook.test`, signed like any other, once, also to a webhook that is switched off. Its delivery shows the result within seconds.',
    answer: { status: 202, says: 'The delivery, which is under way', json: delivery },
    refusals: ['not-found'],
    audited: false,
  },
  replayDeliveries: {
    function: 'webhook-settings',
    method: 'POST',
    path: '/v1/webhooks/{id}/replays',
    scope: 'webhooks',
    acrossTenants: true,
    summary: 'Send deliveries to a webhook again',
    description:
      'One delivery, or those of a time that failed or were missed, 1,000 at a time, the oldest first. They keep their `webhook-id`.',
    body: replayRequest,
    answer: { status: 202, says: 'How many are sent again', json: replayAnswer },
    refusals: ['not-found', 'webhook-off', 'invalid-cursor', 'forbidden'],
    audited: false,
  },
  rotateWebhookSecret: {
    function: 'webhook-settings',
    method: 'POST',
    path: '/v1/webhooks/{id}/secrets',
    scope: 'webhooks',
    acrossTenants: true,
    summary: 'Give a webhook a new secret',
    description:
      'Until the overlap ends requests have a signature by each secret, separated by a space, so that receivers change over without a gap.',
    body: secretRotation,
    answersSecret: true,
    answer: { status: 201, says: 'The webhook with its new secret', json: createdWebhook },
    refusals: ['not-found', 'forbidden'],
  },
  deleteWebhook: {
    function: 'webhook-settings',
    method: 'DELETE',
    path: '/v1/webhooks/{id}',
    scope: 'webhooks',
    acrossTenants: true,
    summary: 'Delete a webhook',
    answer: { status: 200, says: 'Deleted', json: webhookDocument },
    refusals: ['not-found'],
  },
  listDeliveries: {
    function: 'webhook-settings',
    method: 'GET',
    path: '/v1/webhooks/{id}/deliveries',
    scope: 'webhooks',
    acrossTenants: true,
    summary: 'List what was sent to a webhook, newest first',
    description: 'For 30 days.',
    query: deliveriesQuery,
    answer: { status: 200, says: 'A page', json: deliveryPage },
    refusals: ['not-found', 'invalid-cursor', 'forbidden'],
  },
} as const satisfies Record<string, Route>;
