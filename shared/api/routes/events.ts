import * as z from 'zod';
import { domainEventTypes } from '#shared/core/model/events/kinds.ts';
import { components, type Route } from './route.ts';

const eventsQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

const eventPage = z
  .object({
    events: z.array(
      z.object({
        id: z.string().describe('The same as the `webhook-id` of its deliveries to webhooks'),
        type: z.enum(domainEventTypes),
        at: z.iso.datetime().describe('When it happened'),
        summary: z.string().describe('What happened, and why, in sentences'),
        data: z.record(z.string(), z.unknown()).describe('As sent to webhooks'),
      }),
    ),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'EventPage' });

export type EventPage = z.infer<typeof eventPage>;

/** The route of a domain's events. */
export const events = {
  listEvents: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}/events',
    scope: 'domains:read',
    summary: 'List what happened to a domain, newest first',
    description: 'For 400 days.',
    query: eventsQuery,
    answer: { status: 200, says: 'A page', json: eventPage },
    refusals: ['not-found', 'invalid-cursor'],
  },
} as const satisfies Record<string, Route>;
