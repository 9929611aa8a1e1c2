import * as z from 'zod';
import { contactDetails } from './brand-schemas.ts';
import { onlyPart, recordsExport } from './record-schemas.ts';
import { components, type Route } from './route.ts';

const todoQuery = z.object({
  format: z.enum(['json', 'csv', 'terraform', 'route53']).default('json'),
  cursor: z.string().max(4_000).optional().describe('The `cursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('Domains of a page'),
  prefix: z.string().max(253).optional().describe('Only domains that begin with it'),
  status: z.enum(['pending', 'verified', 'at-risk', 'lost']).optional(),
  contact: z.string().max(254).optional().describe('Only domains of this mail address'),
  provider: z.string().max(100).optional().describe('Only domains at this DNS provider'),
  only: onlyPart,
});

const todoPage = z
  .object({
    groups: z
      .array(
        z.object({
          provider: z.string().nullable().describe('The DNS provider, where it is a known one'),
          contact: contactDetails.nullable().describe('Who runs the DNS'),
          domains: z.array(
            z.object({
              tenant: z.string(),
              externalId: z.string().nullable(),
              name: z.string(),
              records: recordsExport.shape.records,
            }),
          ),
        }),
      )
      .describe('Domains of which nothing remains to be done are left out'),
    cursor: z.string().nullable().describe('For the next page; null on the last one'),
  })
  .register(components, { id: 'TodoPage' });

/** Everything that remains to be done in the DNS of all domains. */
export const todo = {
  listTodo: {
    function: 'domains',
    method: 'GET',
    path: '/v1/records/todo',
    scope: 'domains:read',
    acrossTenants: true,
    summary: 'List everything still to do, by DNS provider and contact',
    description:
      'By the last checks. With a platform key alone: of all its tenants. `terraform` and `route53` create records, and change none that are there. The next page of other forms than JSON is in the `Link` field of the answer (`rel="next"`); filters leave out domains of a page, so that one may be short.',
    query: todoQuery,
    answer: {
      status: 200,
      says: 'A page',
      json: todoPage,
      text: ['text/csv', 'text/plain'],
    },
    refusals: ['invalid-cursor'],
  },
} as const satisfies Record<string, Route>;
