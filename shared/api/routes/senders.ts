import * as z from 'zod';
import { components, type Route } from './route.ts';

const spfSource = z.object({
  mechanism: z.string(),
  from: z.enum(['service', 'customer']),
  addresses: z.array(z.string()).describe('The networks that it lets send'),
  problem: z
    .string()
    .nullable()
    .describe('Why its addresses cannot be listed, or not all of them are known'),
  flattening: z
    .object({
      state: z
        .enum(['looking', 'current', 'held', 'failing'])
        .describe(
          '`looking`: new addresses wait until a second query agrees. `held`: they wait for you (`confirm`). `failing`: the last good addresses stay published.',
        ),
      detail: z.string().nullable(),
      since: z.iso.datetime().nullable(),
      published: z.array(z.string()).nullable(),
      candidate: z.array(z.string()).nullable().describe('What was seen, but is not published'),
    })
    .nullable()
    .describe('For an include that is published as addresses'),
});

const spfDocument = z
  .object({
    name: z.string(),
    records: z
      .array(z.object({ name: z.string(), text: z.string() }))
      .describe('What we host, from the record that yours includes on'),
    lookups: z
      .int()
      .describe(
        'What it takes of the 10 DNS lookups, before what lies within third parties’ includes',
      ),
    sources: z.array(spfSource).describe('What came from where'),
    addresses: z
      .array(z.string())
      .describe('All networks that may send for the domain, aggregated'),
  })
  .register(components, { id: 'SenderPolicy' });

export type SpfDocument = z.infer<typeof spfDocument>;

/** The route of a domain's permitted senders. */
export const senders = {
  listSenders: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}/spf',
    scope: 'domains:read',
    summary: 'List who may send for a domain by its SPF record',
    description: 'With what came from where, as DNS has it now.',
    answer: { status: 200, says: 'The list', json: spfDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
