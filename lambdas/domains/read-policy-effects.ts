import type { PolicyEffectsDocument } from '#shared/api/routes/policy-effects.ts';
import { alignedSources, evidenceOf } from '#shared/core/dmarc/evidence.ts';
import { nextSteps } from '#shared/core/dmarc/next-step.ts';
import { type Effects, policyEffects, totalEffects } from '#shared/core/dmarc/policy-effects.ts';
import { ownSources } from '#shared/core/dmarc/roll-out.ts';
import { decisionsOf } from '#shared/core/dmarc/source-decisions.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { dayOf, daysAfter } from '#shared/core/reports/day.ts';
import { sourceContext } from '#shared/core/reports/sources.ts';
import type { DomainPorts } from './ports.ts';

/** Days whose mail is judged. */
const DAYS = 30;

/** Returns what each policy would have done to a claim's mail of the last month, and the next step. */
export async function readPolicyEffects(
  claim: Claim,
  {
    reports,
    deployment,
    rollOut: thresholds,
    clock,
  }: Pick<DomainPorts, 'reports' | 'deployment' | 'rollOut' | 'clock'>,
): Promise<PolicyEffectsDocument> {
  const { domain: name, label, dmarc } = claim;
  const to = dayOf(clock.now());
  const from = daysAfter(to, -DAYS);
  const { aggregates } = await reports.read(label, from, to);
  const context = sourceContext(name, deployment);
  const evidence = evidenceOf(aggregates, context);
  const learned = claim.rollOut?.learned ?? alignedSources(evidence);
  const known = ownSources({ ...decisionsOf(claim), learned });
  const sources = policyEffects(aggregates, context);
  return {
    name,
    from,
    to,
    totals: totalEffects(sources).map(withOwnList),
    sources: sources.map((one) => ({ ...withOwnList(one), known: known.has(one.id) })),
    next: dmarc === undefined ? [] : nextSteps(dmarc, sources, evidence, known, thresholds),
  };
}

const withOwnList = <Some extends Effects>(effects: Some) => ({
  ...effects,
  policies: [...effects.policies],
});
