import * as z from 'zod';
import { components, type Route } from './route.ts';

const policy = z.enum(['none', 'quarantine', 'reject']);
const tag = z
  .enum(['p', 'sp'])
  .describe('The tag that applies: `p` to the domain’s own mail, `sp` to its subdomains’');

const effects = z.object({
  tag,
  messages: z.int(),
  passed: z.int(),
  failed: z.int(),
  policies: z
    .array(z.object({ policy, delivered: z.int(), quarantined: z.int(), rejected: z.int() }))
    .describe('What each policy would have done to it'),
});

export const policyEffectsDocument = z
  .object({
    name: z.string(),
    from: z.iso.date(),
    to: z.iso.date(),
    totals: z.array(effects).describe('One for each tag that has mail'),
    sources: z
      .array(
        effects.extend({
          id: z.string().describe('As in the reports'),
          kind: z.enum(['service', 'sender', 'forwarder', 'unknown']),
          known: z
            .boolean()
            .describe('Whether its mail counts for the plan, or would for one that begins now'),
        }),
      )
      .describe('Those with most mail first, at most 500'),
    next: z
      .array(
        z.object({
          tag,
          from: policy,
          to: policy,
          ready: z.boolean().describe('Whether the mail of these days speaks for the step'),
          why: z.string(),
          failing: z
            .object({ known: z.int(), others: z.int() })
            .describe('Messages that the step would have met'),
        }),
      )
      .describe('The next step of the policy; empty where it is `reject`, or not known yet'),
  })
  .register(components, { id: 'PolicyEffects' });

export type PolicyEffectsDocument = z.infer<typeof policyEffectsDocument>;

/** The route of what each policy would have done. */
export const policyEffects = {
  readPolicyEffects: {
    function: 'domains',
    method: 'GET',
    path: '/v1/domains/{name}/policy-effects',
    scope: 'domains:read',
    summary: 'What each DMARC policy would have done to last month’s mail',
    description: 'By source, from verified reports of the last 30 days, with the next step.',
    answer: { status: 200, says: 'The effects', json: policyEffectsDocument },
    refusals: ['not-found'],
  },
} as const satisfies Record<string, Route>;
