import * as z from 'zod';
import { components, type Route } from './route.ts';

const decision = z
  .enum(['confirmed', 'ignored', 'undecided'])
  .describe(
    '`confirmed`: it is yours, its mail counts for the plan. `ignored`: it is not, its mail never counts. `undecided`: it counts if enough of its mail is signed for the domain.',
  );

export const sourceDocument = z
  .object({
    id: z.string(),
    decision,
    known: z.boolean().describe('Whether its mail counts for the plan'),
  })
  .register(components, { id: 'Source' });

const sourceChange = z.strictObject({ decision }).register(components, { id: 'SourceChange' });

/** The routes of the sources of a domain's mail. */
export const sources = {
  decideSource: {
    function: 'domains',
    method: 'PATCH',
    path: '/v1/domains/{name}/sources/{source}',
    scope: 'domains:write',
    summary: 'Confirm or ignore a source of a domain’s mail',
    description:
      'By its id in the reports. With or without a plan; a plan that begins later uses it.',
    body: sourceChange,
    answer: { status: 200, says: 'The source', json: sourceDocument },
    refusals: ['not-found', 'domain-deleting', 'invalid-parameter'],
  },
} as const satisfies Record<string, Route>;
