import type { PlanDocument } from '#shared/api/routes/dmarc-plan.ts';
import { evidenceOf } from '#shared/core/dmarc/evidence.ts';
import { stepsAhead } from '#shared/core/dmarc/forecast.ts';
import { evidenceDays } from '#shared/core/dmarc/roll-out.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { dayOf, daysAfter } from '#shared/core/reports/day.ts';
import { sourceContext } from '#shared/core/reports/sources.ts';
import type { DomainPorts } from './ports.ts';

/** Returns how far a claim's DMARC plan is from its next steps. */
export async function readPlan(
  claim: Claim,
  {
    reports,
    deployment,
    rollOut: thresholds,
    clock,
  }: Pick<DomainPorts, 'reports' | 'deployment' | 'rollOut' | 'clock'>,
): Promise<PlanDocument> {
  const { domain: name, dmarc: policy, rollOut } = claim;
  if (policy === undefined || rollOut === undefined) return { name, steps: [] };
  const now = clock.now();
  const today = dayOf(now);
  const { aggregates } = await reports.read(
    claim.label,
    daysAfter(today, -evidenceDays(thresholds)),
    today,
  );
  const evidence = evidenceOf(aggregates, sourceContext(name, deployment));
  const steps = stepsAhead({ policy, rollOut }, evidence, now.toISOString(), thresholds);
  return { name, steps: steps.map((step) => ({ ...step, ways: [...step.ways] })) };
}
