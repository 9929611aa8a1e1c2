import type { Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { changePolicy, type DmarcChange } from '#shared/core/dmarc/change-policy.ts';
import {
  changedByHand,
  endRollOut,
  planRollOut,
  type RollOutRequest,
} from '#shared/core/dmarc/plan.ts';

/** Tags of the policy, and the plan that raises it; a plan of null ends it. */
export interface DmarcRequest extends DmarcChange {
  readonly plan?: RollOutRequest | null | undefined;
}

/**
 * The claim with its policy changed by hand, and its plan begun, changed or ended.
 *
 * @throws Refusal `dmarc-invalid`
 */
export function changedDmarc(
  claim: Claim,
  { plan, ...change }: DmarcRequest,
  deployment: Pick<Deployment, 'zone'>,
  now: Date,
): Claim {
  const at = now.toISOString();
  const { dmarc, rollOut, policyHistory, sources, ...rest } = claim;
  const present = {
    dmarc,
    ...(rollOut === undefined ? {} : { rollOut }),
    ...(policyHistory === undefined ? {} : { policyHistory }),
    ...(sources === undefined ? {} : { sources }),
  };
  const changed =
    Object.keys(change).length === 0
      ? present
      : changedByHand(present, changePolicy(dmarc, change, deployment), at);
  if (plan === undefined) return { ...rest, ...changed };
  return { ...rest, ...(plan === null ? endRollOut(changed) : planRollOut(plan, changed, at)) };
}
