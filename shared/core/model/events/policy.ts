import type { Claim } from '../claim.ts';
import { text, type DomainEventKind, type Happening } from './kind.ts';

/** Events of the DMARC policy of a domain. */
export const policyKinds = {
  'policy.changed': {
    title: 'A DMARC policy changed',
    happened: 'a step of the DMARC policy',
    data: '`tag`, `from`, `to`, `why`',
    label: 'DMARC policy changed',
    tone: 'info',
    summary: ({ tag, from, to, why }) =>
      `The DMARC policy ${text(tag)} went from ${text(from)} to ${text(to)}. ${text(why)}`,
  },
  'policy.held': {
    title: 'A DMARC plan takes no step',
    happened: 'its plan takes no step',
    data: '`why`',
    label: 'DMARC plan waits',
    tone: 'pending',
    summary: ({ why }) => `The DMARC plan takes no step. ${text(why)}`,
  },
} as const satisfies Record<string, DomainEventKind>;

/** The steps that the policy of a claim took, and that its plan came to take none. */
export function policyChanges(before: Claim, after: Claim): Happening<keyof typeof policyKinds>[] {
  const known = new Set(before.policyHistory?.map(({ at, tag }) => `${at} ${tag}`));
  const steps = (after.policyHistory ?? [])
    .filter(({ at, tag }) => !known.has(`${at} ${tag}`))
    .map(({ at, tag, from, to, why }) => ({
      type: 'policy.changed' as const,
      at,
      data: { tag, from, to, why },
      parts: [tag],
    }));
  const held = after.rollOut?.held;
  if (held === undefined || held.since === before.rollOut?.held?.since) return steps;
  return [...steps, { type: 'policy.held', at: held.since, data: { why: held.why } }];
}
