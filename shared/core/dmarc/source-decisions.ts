import type { Claim } from '../model/claim.ts';
import { Refusal } from '../model/errors.ts';
import { MAX_DECISIONS, type SourceDecisions } from '../model/roll-out.ts';

/**
 * - `confirmed`: the source is the customer's own: its mail counts for the plan.
 * - `ignored`: it is not: its mail never counts.
 * - `undecided`: its mail counts if enough of it is signed for the domain.
 */
export type SourceDecision = 'confirmed' | 'ignored' | 'undecided';

type Decided = Pick<Claim, 'rollOut' | 'sources'>;

const none: SourceDecisions = { confirmed: [], ignored: [] };

/** The customer's decisions: the plan's, if there is one. */
export const decisionsOf = ({ rollOut, sources }: Decided): SourceDecisions =>
  rollOut ?? sources ?? none;

/** The field of a claim that has decisions outside of a plan; absent where there is none. */
export const withDecisions = ({ confirmed, ignored }: SourceDecisions): Pick<Claim, 'sources'> =>
  confirmed.length + ignored.length === 0 ? {} : { sources: { confirmed, ignored } };

export function decisionOn(
  source: string,
  { confirmed, ignored }: SourceDecisions,
): SourceDecision {
  if (ignored.includes(source)) return 'ignored';
  return confirmed.includes(source) ? 'confirmed' : 'undecided';
}

/**
 * Returns the claim with a decision on a source: in the plan if there is one, else beside it.
 *
 * @throws Refusal `invalid-body` where there are too many decisions
 */
export function decideSource<Before extends Decided>(
  before: Before,
  source: string,
  decision: SourceDecision,
): Omit<Before, 'sources'> & Decided {
  const { confirmed, ignored } = decisionsOf(before);
  const next: SourceDecisions = {
    confirmed: including(confirmed, source, decision === 'confirmed'),
    ignored: including(ignored, source, decision === 'ignored'),
  };
  const { sources: _before, ...rest } = before;
  return before.rollOut === undefined
    ? { ...rest, ...withDecisions(next) }
    : { ...rest, rollOut: { ...before.rollOut, ...next } };
}

function including(list: readonly string[], source: string, wanted: boolean): readonly string[] {
  if (list.includes(source) === wanted) return list;
  if (!wanted) return list.filter((one) => one !== source);
  if (list.length >= MAX_DECISIONS)
    throw new Refusal(
      'invalid-body',
      `At most ${MAX_DECISIONS} sources can be confirmed, and as many ignored; send "undecided" for one first.`,
    );
  return [...list, source];
}
