import type { RollOutThresholds, Stage, StageTag } from '../model/roll-out.ts';
import type { SourceDay } from './evidence.ts';
import { stageOf } from './plan.ts';
import {
  daysLasted,
  measured,
  nextStage,
  ownSources,
  requirements,
  type RollOutState,
} from './roll-out.ts';

/** A requirement of a step, and the amount present. */
export interface Requirement {
  readonly needed: number;
  readonly seen: number;
}

/** One of the ways to a step; every need of it has to be met. */
export interface Way {
  /** Days that the stage lasts, and that the evidence is of. */
  readonly days: Requirement;
  readonly reporters: Requirement;
  readonly messages: Requirement;
  /** Between 0 and 1; `seen` is null where there is no mail. */
  readonly passRate: { readonly needed: number; readonly seen: number | null };
}

/** A step that a plan goes for. */
export interface StepAhead {
  readonly tag: StageTag;
  readonly from: Stage;
  readonly to: Stage;
  /** Each is enough. */
  readonly ways: readonly Way[];
  /** Messages of the last days that the step would have met, since they failed: of known sources, of others. */
  readonly failing: { readonly days: number; readonly known: number; readonly others: number };
}

/**
 * Returns the requirements of each tag's next step and the evidence for it: the very figures that
 * `stepRollOut` uses. A tag that has reached the ceiling has none.
 *
 * @param evidence of `evidenceDays` up to now, verified reports' alone
 * @param now ISO 8601
 */
export function stepsAhead(
  state: Pick<RollOutState, 'policy' | 'rollOut'>,
  evidence: readonly SourceDay[],
  now: string,
  thresholds: RollOutThresholds,
): StepAhead[] {
  const own = ownSources(state.rollOut);
  return (['p', 'sp'] as const).flatMap((tag): StepAhead[] => {
    const to = nextStage(state, tag);
    if (to === undefined) return [];
    const from = stageOf(state.policy, tag);
    const lasted = Math.max(0, Math.floor(daysLasted(state.rollOut, tag, now)));
    const ofTag = evidence.filter((one) => one.tag === tag);
    const known = ofTag.filter(({ source }) => own.has(source));
    const others = ofTag.filter(({ source }) => !own.has(source));
    const wanted = requirements(from, thresholds);
    const { days } = wanted[0] as (typeof wanted)[number];
    return [
      {
        tag,
        from,
        to,
        ways: wanted.map((needed): Way => {
          const there = measured(known, now, needed.days);
          return {
            days: { needed: needed.days, seen: lasted },
            reporters: { needed: needed.reporters, seen: there.reporters },
            messages: { needed: needed.messages, seen: there.messages },
            passRate: {
              needed: needed.passRate,
              seen: there.messages === 0 ? null : there.passRate,
            },
          };
        }),
        failing: {
          days,
          known: measured(known, now, days).failed,
          others: measured(others, now, days).failed,
        },
      },
    ];
  });
}
