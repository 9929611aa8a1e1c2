import type { Claim } from '../model/claim.ts';
import type { DmarcPolicy } from '../model/dmarc-policy.ts';
import { decisionsOf, withDecisions } from './source-decisions.ts';
import { Refusal } from '../model/errors.ts';
import {
  MAX_STEPS,
  type PolicyStep,
  type RollOut,
  type Stage,
  type StageTag,
} from '../model/roll-out.ts';

/** The customer's settings of the plan; an absent one stays. */
export interface RollOutRequest {
  /** ISO 8601. @default now */
  readonly startsAt?: string | undefined;
  /** @default 'quarantine' */
  readonly ceiling?: Stage | undefined;
  /** True if the customer agrees to `reject`, and to going below `quarantine` again. */
  readonly consent?:
    | { readonly reject?: boolean | undefined; readonly none?: boolean | undefined }
    | undefined;
  /** Sources that are the customer's own, and such that are not, by their id in the reports. */
  readonly confirmed?: readonly string[] | undefined;
  readonly ignored?: readonly string[] | undefined;
}

type Policies = Pick<Claim, 'dmarc' | 'rollOut' | 'policyHistory' | 'sources'>;

/**
 * Returns a claim's policy after its customer changed it by hand. Its history records the change,
 * and a stage of the plan, if any, begins again.
 *
 * @param now ISO 8601
 */
export function changedByHand(before: Policies, policy: DmarcPolicy, now: string): Policies {
  const dmarc = before.rollOut === undefined ? policy : withSp(policy);
  const steps = (['p', 'sp'] as const).flatMap((tag): PolicyStep[] => {
    const from = before.dmarc && stageOf(before.dmarc, tag);
    const to = stageOf(dmarc, tag);
    return from === undefined || from === to ? [] : [{ at: now, tag, from, to, why: byHand }];
  });
  if (steps.length === 0) return { ...before, dmarc };
  const since = Object.fromEntries(steps.map(({ tag }) => [tag, now]));
  return {
    dmarc,
    ...(before.rollOut === undefined
      ? {}
      : { rollOut: { ...before.rollOut, since: { ...before.rollOut.since, ...since } } }),
    policyHistory: withSteps(before.policyHistory ?? [], steps),
  };
}

const byHand = 'Changed by hand.';

/**
 * Begins a plan, or changes the one that there is. The policy itself stays as it is; but `sp` is
 * said from now on, since a `p` that is raised would take subdomains with it.
 *
 * @param now ISO 8601
 * @throws Refusal `dmarc-invalid` where the policy is not known yet, or `reject` is wanted without consent
 */
export function planRollOut(
  request: RollOutRequest,
  { dmarc, rollOut: present, sources, ...before }: Policies,
  now: string,
): Policies {
  if (dmarc === undefined) {
    throw invalid('the policy in effect today is not known yet; try again in a minute, or give p');
  }
  const consent = {
    ...agreed('reject', request.consent?.reject, present?.consent.reject, now),
    ...agreed('none', request.consent?.none, present?.consent.none, now),
  };
  const ceiling = request.ceiling ?? present?.ceiling ?? 'quarantine';
  if (ceiling === 'reject' && consent.reject === undefined) {
    throw invalid(
      'the ceiling reject needs your consent, since mail that fails is then lost; send "consent": {"reject": true} with it',
    );
  }
  const rollOut: RollOut = {
    startsAt: request.startsAt ?? present?.startsAt ?? now,
    ceiling,
    consent,
    confirmed: request.confirmed ?? present?.confirmed ?? sources?.confirmed ?? [],
    ignored: request.ignored ?? present?.ignored ?? sources?.ignored ?? [],
    learned: present?.learned ?? [],
    since: present?.since ?? { p: now, sp: now },
    ...(present?.held === undefined ? {} : { held: present.held }),
  };
  return { ...before, dmarc: withSp(dmarc), rollOut };
}

/** The plan is over; the policy stays, and what the customer said of sources. */
export const endRollOut = ({ dmarc, policyHistory, ...decided }: Policies): Policies => ({
  dmarc,
  ...withDecisions(decisionsOf(decided)),
  ...(policyHistory === undefined ? {} : { policyHistory }),
});

/** Returns the policy that a tag asks for, explicit or by default (RFC 9989 §4.7). */
export const stageOf = ({ p, sp }: DmarcPolicy, tag: StageTag): Stage =>
  tag === 'p' ? p : (sp ?? p);

/** A history with further steps; the oldest ones are forgotten. */
export const withSteps = (
  history: readonly PolicyStep[],
  steps: readonly PolicyStep[],
): PolicyStep[] => [...history, ...steps].slice(-MAX_STEPS);

const withSp = (policy: DmarcPolicy): DmarcPolicy => ({ ...policy, sp: policy.sp ?? policy.p });

/** Consent is kept with the time it was given, until it is withdrawn. */
function agreed(
  what: 'reject' | 'none',
  wanted: boolean | undefined,
  present: string | undefined,
  now: string,
): { reject?: string; none?: string } {
  if (wanted === false) return {};
  const at = wanted === true ? (present ?? now) : present;
  return at === undefined ? {} : { [what]: at };
}

const invalid = (why: string): Refusal =>
  new Refusal('dmarc-invalid', `The plan cannot be made: ${why}.`);
