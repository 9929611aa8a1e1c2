import type { Day, DayAggregates } from './day.ts';
import type { KeyFailure } from './key-failure.ts';
import { type SourceContext, sourceOf } from './sources.ts';

/** A key that was promoted, beside the one that signed before. */
export interface PromotedKey {
  readonly current: string;
  readonly previous: string;
  /** The day that `current` began to sign. */
  readonly since: Day;
}

/** Fewer signatures of a key are no evidence. */
const LEAST_SIGNATURES = 10;
const FAILING_SHARE = 0.5;
const PASSING_SHARE = 0.9;
/** As many must agree, unless our own resolvers see that the key is wrong. */
const REPORTERS_AGREE = 2;

/**
 * Returns the failures if the newly promoted key fails where the old one passed. Only mail that SPF
 * proves to come from SES counts: anybody can write our selector into a signature, and forwarding
 * breaks them.
 *
 * @param days of some weeks before the promotion and since; unverified ones and those of
 * several days are left out of account
 * @param resolversConfirm true if our own resolvers see that the key in DNS is not the one that
 * signs
 * @returns undefined where too few agree
 */
export function newKeyFailing(
  days: readonly DayAggregates[],
  context: SourceContext,
  { current, previous, since }: PromotedKey,
  resolversConfirm: boolean,
): KeyFailure | undefined {
  const tallies = new Map<string, { current: Tally; previous: Tally }>();
  for (const { day, reporter, groups, coarseReports } of days) {
    if (reporter === undefined || coarseReports.length > 0) continue;
    const tally = tallies.get(reporter) ?? { current: newTally(), previous: newTally() };
    tallies.set(reporter, tally);
    for (const group of groups) {
      const { signature, messages } = group;
      const ours = signature?.domain === context.domain;
      if (!ours || sourceOf(group, context).kind !== 'service') continue;
      const passed = signature.result === 'pass';
      if (!passed && !isFailure.has(signature.result)) continue;
      if (signature.selector === current && day >= since) {
        tally.current[passed ? 'passed' : 'failed'] += messages;
      } else if (signature.selector === previous) {
        tally.previous[passed ? 'passed' : 'failed'] += messages;
      }
    }
  }
  const agreeing = [...tallies].filter(
    ([, tally]) => fails(tally.current) && passes(tally.previous),
  );
  if (agreeing.length < (resolversConfirm ? 1 : REPORTERS_AGREE)) return undefined;
  const sum = (outcome: keyof Tally) =>
    agreeing.reduce((total, [, tally]) => total + tally.current[outcome], 0);
  return {
    selector: current,
    failed: sum('failed'),
    passed: sum('passed'),
    reporters: agreeing.map(([reporter]) => reporter).sort(),
  };
}

/** A `temperror` or an unsupported algorithm says nothing of the key. */
const isFailure: ReadonlySet<string> = new Set(['fail', 'permerror']);

interface Tally {
  passed: number;
  failed: number;
}

const newTally = (): Tally => ({ passed: 0, failed: 0 });
const total = ({ passed, failed }: Tally): number => passed + failed;
const fails = (tally: Tally): boolean =>
  total(tally) >= LEAST_SIGNATURES && tally.failed >= total(tally) * FAILING_SHARE;
const passes = (tally: Tally): boolean =>
  total(tally) >= LEAST_SIGNATURES && tally.passed >= total(tally) * PASSING_SHARE;
