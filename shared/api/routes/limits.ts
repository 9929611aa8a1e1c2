import * as z from 'zod';
import { budgetNames } from '#shared/core/model/budgets.ts';
import { components, type Route } from './route.ts';

const limitDocument = z
  .object({
    budget: z.enum(budgetNames).describe('As a 429 names it'),
    unit: z.string().describe('What is counted'),
    limit: z.number().describe('At most this much; 0 allows none'),
    remaining: z.number().nullable().describe('What is left; null where each thing has its own'),
    windowSeconds: z.int().nullable().describe('The time that the limit is for; null: at a time'),
    resetsAt: z.iso.datetime().nullable().describe('When all of it is there again; ISO 8601, UTC'),
  })
  .register(components, { id: 'Limit' });

const limitList = z
  .object({ limits: z.array(limitDocument) })
  .register(components, { id: 'LimitList' });

export type LimitDocument = z.infer<typeof limitDocument>;

/** What a tenant may use of what all tenants share. */
export const limits = {
  readLimits: {
    function: 'domains',
    method: 'GET',
    path: '/v1/limits',
    scope: 'any',
    acrossTenants: true,
    summary: 'Read your limits, and what is left of them',
    description:
      'A request over a limit is answered 429, with `Retry-After` and the budget that is used up; the operator may raise each.',
    answer: { status: 200, says: 'The limits', json: limitList },
    refusals: [],
  },
} as const satisfies Record<string, Route>;
