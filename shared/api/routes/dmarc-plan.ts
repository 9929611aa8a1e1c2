import * as z from 'zod';
import { components, type Route } from './route.ts';

const need = z.object({ needed: z.int(), seen: z.int() });
const disposition = z.enum(['none', 'quarantine', 'reject']);

const stepAhead = z.object({
  tag: z.enum(['p', 'sp']).describe('`p`: the domain’s own mail. `sp`: its subdomains’'),
  from: disposition,
  to: disposition,
  ways: z
    .array(
      z.object({
        days: need.describe('That the stage lasts, and that the evidence is of'),
        reporters: need,
        messages: need.describe('Of known sources'),
        passRate: z.object({
          needed: z.number().min(0).max(1),
          seen: z.number().min(0).max(1).nullable().describe('Null where there was no mail'),
        }),
      }),
    )
    .describe('Each is enough: the usual way, and the one for little mail'),
  failing: z
    .object({ days: z.int(), known: z.int(), others: z.int() })
    .describe('Messages that failed in so many days, and that the step would change the fate of'),
});

export const planDocument = z
  .object({
    name: z.string(),
    steps: z
      .array(stepAhead)
      .describe('What the plan goes for next; empty without a plan, and at its ceiling'),
  })
  .register(components, { id: 'DmarcPlan' });

export type PlanDocument = z.infer<typeof planDocument>;

/** The plan that raises a domain's DMARC policy. */
export const dmarcPlan = {
  readPlan: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}/dmarc-plan',
    scope: 'domains:read',
    summary: 'How far a domain’s DMARC plan is from its next steps',
    description: 'What a step takes and what there is of it, by the reports up to now.',
    answer: { status: 200, says: 'The steps', json: planDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
