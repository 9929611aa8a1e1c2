import type { DmarcPolicy } from '../model/dmarc-policy.ts';
import type { RollOutThresholds, Stage, StageTag } from '../model/roll-out.ts';
import { bySource, messagesOf, passRateOf, type SourceDay, tallyOf } from './evidence.ts';
import { stageOf } from './plan.ts';
import type { SourceEffects } from './policy-effects.ts';

/** The next step of a DMARC policy, and whether last month's mail speaks for it. */
export interface NextStep {
  readonly tag: StageTag;
  readonly from: Stage;
  readonly to: Stage;
  readonly ready: boolean;
  /** A sentence, or two. */
  readonly why: string;
  /** Messages that the step would have met: of known sources, and of others. */
  readonly failing: { readonly known: number; readonly others: number };
}

const stages: readonly Stage[] = ['none', 'quarantine', 'reject'];
const rank = (stage: Stage): number => stages.indexOf(stage);

/**
 * Returns the next step of each tag; none for one at `reject`, for subdomains that would be asked
 * more of than the domain, and for subdomains without mail.
 *
 * @param effects of the same days as the evidence
 * @param evidence without reports of several days
 * @param known the sources whose mail counts
 */
export const nextSteps = (
  policy: DmarcPolicy,
  effects: readonly SourceEffects[],
  evidence: readonly SourceDay[],
  known: ReadonlySet<string>,
  thresholds: Pick<RollOutThresholds, 'passRate' | 'slowMessages'>,
): NextStep[] =>
  (['p', 'sp'] as const).flatMap((tag): NextStep[] => {
    const from = stageOf(policy, tag);
    const to = stages[rank(from) + 1];
    const ofTag = effects.filter((one) => one.tag === tag);
    if (to === undefined) return [];
    if (tag === 'sp' && (rank(from) >= rank(policy.p) || ofTag.length === 0)) return [];
    const own = evidence.filter((one) => one.tag === tag && known.has(one.source));
    const failing = {
      known: failedOf(ofTag.filter(({ id }) => known.has(id))),
      others: failedOf(ofTag.filter(({ id }) => !known.has(id))),
    };
    return [{ tag, from, to, ...verdictOn(own, to, failing, thresholds), failing }];
  });

function verdictOn(
  own: readonly SourceDay[],
  to: Stage,
  failing: NextStep['failing'],
  { passRate, slowMessages }: Pick<RollOutThresholds, 'passRate' | 'slowMessages'>,
): Pick<NextStep, 'ready' | 'why'> {
  const tally = tallyOf(own);
  const seen = messagesOf(tally);
  const fate = to === 'reject' ? 'refused' : 'put to spam';
  if (seen < slowMessages) {
    const why = `Reporters saw ${seen} messages of your known sources; ${slowMessages} are needed to judge. Confirm the sources that are yours.`;
    return { ready: false, why };
  }
  if (passRateOf(tally) < passRate) {
    const worst = failingMost(own).slice(0, 3).join(', ');
    const why = `Of ${seen} messages of your known sources ${tally.failed} would have been ${fate}, most of ${worst}. Align those first.`;
    return { ready: false, why };
  }
  const why = `Of ${seen} messages of your known sources ${tally.failed} would have been ${fate}, and ${failing.others} of other sources.`;
  return { ready: true, why };
}

const failingMost = (own: readonly SourceDay[]): string[] =>
  [...bySource(own)]
    .map(([source, days]) => ({ source, failed: tallyOf(days).failed }))
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed - a.failed || (a.source < b.source ? -1 : 1))
    .map(({ source, failed }) => `${source} (${failed})`);

const failedOf = (sources: readonly SourceEffects[]): number =>
  sources.reduce((sum, { failed }) => sum + failed, 0);
