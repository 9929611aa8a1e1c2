import * as z from 'zod';
import { domainEventTypes } from '#shared/core/model/event.ts';

/** The query of `GET /v1/domains/{name}/events`. */
export const eventsQuery = z.object({
  cursor: z.string().optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const eventPage = z.object({
  events: z.array(
    z.object({
      id: z.string().describe('The same as the `webhook-id` that webhooks are told it by'),
      type: z.enum(domainEventTypes),
      at: z.iso.datetime().describe('When it happened'),
      summary: z.string().describe('What happened, and why, in sentences'),
      data: z.record(z.string(), z.unknown()).describe('As webhooks are told it'),
    }),
  ),
  cursor: z.string().nullable().describe('For the next page; null on the last one'),
});

export type EventPage = z.infer<typeof eventPage>;
