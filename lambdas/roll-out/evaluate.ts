import { retry, retryLimits } from '#shared/async/retry.ts';
import { isProven, type Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { PolicyStep, RollOut, RollOutThresholds } from '#shared/core/model/roll-out.ts';
import { evidenceOf } from '#shared/core/dmarc/evidence.ts';
import { evidenceDays, stepRollOut } from '#shared/core/dmarc/roll-out.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { ReportStore } from '#shared/app/ports/report-store.ts';
import type { RollOutRequest } from '#shared/app/ports/roll-out-requests.ts';
import { dayOf, daysAfter } from '#shared/core/reports/day.ts';
import { sourceContext } from '#shared/core/reports/sources.ts';

export interface RollOutPorts {
  readonly deployment: Pick<Deployment, 'selectors' | 'bounceLabel'>;
  readonly claims: Pick<ClaimStore, 'get' | 'update'>;
  readonly reports: Pick<ReportStore, 'read'>;
  readonly thresholds: RollOutThresholds;
  readonly log: (event: RollOutEvent) => void;
}

/** - `stepped`: the policy changed. - `held`: a source of the domain's own fails, and the plan holds. */
export type RollOutEvent = { readonly domain: DomainName } & (
  | { readonly kind: 'stepped'; readonly step: PolicyStep }
  | { readonly kind: 'held'; readonly held: NonNullable<RollOut['held']> }
);

/**
 * Evaluates a claim's DMARC plan: takes the step that its reports allow, or notes why it holds, by
 * one conditional write that publishing follows.
 *
 * @throws Conflict where others write the claim each time
 */
export async function evaluateRollOut(request: RollOutRequest, ports: RollOutPorts): Promise<void> {
  return retry(retryLimits.conflict, async () => {
    const claim = await ports.claims.get(request);
    if (claim === undefined || !isProven(claim)) return;
    const next = await evaluated(claim, request.at, ports);
    if (next === undefined) return;
    await ports.claims.update(claim, next);
    logSteps(claim, next, ports);
  });
}

/** The claim after its step; undefined where nothing changes. */
async function evaluated(
  claim: Claim,
  at: string,
  { deployment, reports, thresholds }: RollOutPorts,
): Promise<Claim | undefined> {
  const { dmarc: policy, rollOut, policyHistory: history = [] } = claim;
  if (policy === undefined || rollOut === undefined) return undefined;
  const today = dayOf(Date.parse(at));
  const from = daysAfter(today, -evidenceDays(thresholds));
  const { aggregates } = await reports.read(claim.label, from, today);
  const evidence = evidenceOf(aggregates, sourceContext(claim.domain, deployment));
  const before = { policy, rollOut, history };
  const after = stepRollOut(before, evidence, at, thresholds);
  if (after === before) return undefined;
  return {
    ...claim,
    version: claim.version + 1,
    dmarc: after.policy,
    rollOut: after.rollOut,
    policyHistory: after.history,
  };
}

function logSteps(before: Claim, next: Claim, { log }: RollOutPorts): void {
  const { domain } = next;
  const known = new Set(before.policyHistory);
  for (const step of next.policyHistory ?? []) {
    if (!known.has(step)) log({ domain, kind: 'stepped', step });
  }
  const held = next.rollOut?.held;
  if (held !== undefined && held !== before.rollOut?.held) log({ domain, kind: 'held', held });
}
