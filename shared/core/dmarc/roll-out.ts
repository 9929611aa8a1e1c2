import type { DmarcPolicy } from '../model/dmarc-policy.ts';
import {
  MAX_SOURCES_KEPT,
  type PolicyStep,
  type RollOut,
  type RollOutThresholds,
  type Stage,
  type StageTag,
} from '../model/roll-out.ts';
import { dayOf, daysAfter } from '../reports/day.ts';
import {
  alignedSources,
  type FailingSource,
  failingSources,
  messagesOf,
  passRateOf,
  type SourceDay,
  tallyOf,
  within,
} from './evidence.ts';
import { stageOf, withSteps } from './plan.ts';
import { DAY_MS } from '../time.ts';

/** A domain's policy, the plan that raises it, and how the policy came to be what it is. */
export interface RollOutState {
  readonly policy: DmarcPolicy;
  readonly rollOut: RollOut;
  readonly history: readonly PolicyStep[];
}

const stages: readonly Stage[] = ['none', 'quarantine', 'reject'];
const rank = (stage: Stage): number => stages.indexOf(stage);
const stageAt = (index: number): Stage => stages[index] as Stage;

/** Days of reports that a step may need: the slow path's, and four weeks before the last days. */
export const evidenceDays = ({ slowDays, noneDays, quarantineDays }: RollOutThresholds): number =>
  Math.max(slowDays, noneDays, quarantineDays, 35);

/**
 * Takes the steps that the evidence allows: at most one a tag. A source of the domain's own that
 * breaks takes the policy back a stage, or holds it; otherwise each tag goes up a stage once it has
 * lasted long enough and reporters enough saw mail enough of the domain's own sources pass.
 *
 * `t=y` is left as it is and changes nothing: receivers of the old RFC enforce in full all the same.
 *
 * @param evidence of `evidenceDays` up to now, verified reports' alone
 * @param now ISO 8601: the evaluation's scheduled time, so that a repeated call finds it done
 * @returns the very state that was given where nothing changes
 */
export function stepRollOut(
  state: RollOutState,
  evidence: readonly SourceDay[],
  now: string,
  thresholds: RollOutThresholds,
): RollOutState {
  const { rollOut, history } = state;
  if (now < rollOut.startsAt) return state;
  const learned = learn(rollOut, evidence);
  const own = ownSources({ ...rollOut, learned });
  const today = dayOf(Date.parse(now));
  let next = state;
  const failing: FailingSource[] = [];
  for (const tag of ['p', 'sp'] as const) {
    const ofTag = evidence.filter((one) => one.tag === tag);
    const failingHere = failingSources(ofTag, own, today, undefined);
    failing.push(...failingHere);
    if (failingHere.length === 0) {
      next = stepUp(next, tag, ofTag, own, now, thresholds);
    } else {
      // A further step back takes days that the last one did not know of.
      const since = lastStepBack(history, tag);
      const further = since === undefined ? failingHere : failingSources(ofTag, own, today, since);
      next = stepBack(next, tag, further, now);
    }
  }
  const held = heldBy(failing, rollOut, now);
  if (next === state && same(learned, rollOut.learned) && held === rollOut.held) return state;
  const { held: _, ...rest } = next.rollOut;
  return { ...next, rollOut: { ...rest, learned, ...(held === undefined ? {} : { held }) } };
}

/** Learned sources stay learned while there is any mail of theirs, so that a broken one keeps the plan. */
function learn({ learned }: RollOut, evidence: readonly SourceDay[]): readonly string[] {
  const seen = new Set(evidence.map(({ source }) => source));
  const kept = learned.filter((source) => seen.has(source));
  const all = [...new Set([...kept, ...alignedSources(evidence)])].slice(0, MAX_SOURCES_KEPT);
  return all.sort();
}

/** The sources whose mail counts: confirmed, or DKIM-aligned; never what the customer says is not its. */
export function ownSources({
  confirmed,
  ignored,
  learned,
}: Pick<RollOut, 'confirmed' | 'ignored' | 'learned'>): ReadonlySet<string> {
  const own = new Set([...confirmed, ...learned]);
  for (const source of ignored) own.delete(source);
  return own;
}

/** The day of a tag's last step, where that went back. */
function lastStepBack(history: readonly PolicyStep[], tag: StageTag): string | undefined {
  const step = history.findLast((one) => one.tag === tag);
  return step !== undefined && rank(step.to) < rank(step.from)
    ? dayOf(Date.parse(step.at))
    : undefined;
}

/**
 * One stage back, never below `quarantine` without the customer's consent. Mail that fails while the
 * source's own goes on passing is not the source's: that only holds the plan.
 */
function stepBack(
  state: RollOutState,
  tag: StageTag,
  failing: readonly FailingSource[],
  now: string,
): RollOutState {
  const stage = stageOf(state.policy, tag);
  const broken = failing.filter((one) => one.broken);
  const lowest = state.rollOut.consent.none === undefined ? 'quarantine' : 'none';
  if (broken.length === 0 || rank(stage) <= rank(lowest)) return state;
  const why = `Mail of ${describe(broken)} began to fail.`;
  return takeStep(state, tag, stageAt(rank(stage) - 1), why, now);
}

function stepUp(
  state: RollOutState,
  tag: StageTag,
  evidence: readonly SourceDay[],
  own: ReadonlySet<string>,
  now: string,
  thresholds: RollOutThresholds,
): RollOutState {
  const to = nextStage(state, tag);
  if (to === undefined) return state;
  const lasted = daysLasted(state.rollOut, tag, now);
  const ownEvidence = evidence.filter(({ source }) => own.has(source));
  const why = requirements(stageOf(state.policy, tag), thresholds)
    .map((needed) => enough(ownEvidence, lasted, now, needed))
    .find((found) => found !== undefined);
  return why === undefined ? state : takeStep(state, tag, to, why, now);
}

/** The stage that a tag goes up to next; undefined at the plan's ceiling. */
export function nextStage(
  { policy, rollOut: { ceiling } }: Pick<RollOutState, 'policy' | 'rollOut'>,
  tag: StageTag,
): Stage | undefined {
  const stage = rank(stageOf(policy, tag));
  // Subdomains are never asked more of than the domain itself.
  const highest = tag === 'sp' ? Math.min(rank(ceiling), rank(policy.p)) : rank(ceiling);
  return stage >= highest ? undefined : stageAt(stage + 1);
}

/** Days, with their fractions, that a tag's stage lasted under the plan; negative before its start. */
export function daysLasted({ since, startsAt }: RollOut, tag: StageTag, now: string): number {
  const from = since[tag] > startsAt ? since[tag] : startsAt;
  return (Date.parse(now) - Date.parse(from)) / DAY_MS;
}

/** The share of the known sources' mail that a step up requires. */
export interface Requirement {
  /** Days that the stage lasts at least; the evidence is of as many days. */
  readonly days: number;
  readonly reporters: number;
  readonly messages: number;
  readonly passRate: number;
}

/** The ways up from a stage, each enough: the usual one, and the one for little mail. */
export function requirements(stage: Stage, thresholds: RollOutThresholds): Requirement[] {
  const { noneDays, quarantineDays, reporters, messages, passRate } = thresholds;
  const days = stage === 'none' ? noneDays : quarantineDays;
  return [
    { days, reporters, messages, passRate },
    {
      days: thresholds.slowDays,
      reporters: 1,
      messages: thresholds.slowMessages,
      passRate,
    },
  ];
}

/** The evidence of so many days up to now. */
export function measured(evidence: readonly SourceDay[], now: string, days: number) {
  const today = dayOf(Date.parse(now));
  const window = within(evidence, daysAfter(today, -days), today);
  const tally = tallyOf(window);
  return {
    messages: messagesOf(tally),
    failed: tally.failed,
    /** 1 where there is no mail. */
    passRate: passRateOf(tally),
    reporters: new Set(window.map(({ reporter }) => reporter)).size,
    sources: new Set(window.map(({ source }) => source)).size,
  };
}

/** @returns the evidence's result, where the stage lasted long enough and it is enough */
function enough(
  evidence: readonly SourceDay[],
  lasted: number,
  now: string,
  needed: Requirement,
): string | undefined {
  const { days } = needed;
  if (lasted < days) return undefined;
  const { messages, passRate, reporters, sources } = measured(evidence, now, days);
  if (reporters < needed.reporters || messages < needed.messages || passRate < needed.passRate) {
    return undefined;
  }
  const rate = (Math.floor(passRate * 10_000) / 100).toFixed(2);
  return `Of ${messages} messages of ${plural(sources, 'known source')}, seen by ${plural(reporters, 'reporter')} in ${days} days, ${rate}% passed.`;
}

function takeStep(
  { policy, rollOut, history }: RollOutState,
  tag: StageTag,
  to: Stage,
  why: string,
  now: string,
): RollOutState {
  const step: PolicyStep = { at: now, tag, from: stageOf(policy, tag), to, why };
  return {
    policy: { ...policy, [tag]: to },
    rollOut: { ...rollOut, since: { ...rollOut.since, [tag]: now } },
    history: withSteps(history, [step]),
  };
}

/** The flag that the plan holds; the same object where the same sources hold it. */
function heldBy(
  failing: readonly FailingSource[],
  { held }: RollOut,
  now: string,
): RollOut['held'] {
  if (failing.length === 0) return undefined;
  const sources = [...new Set(failing.map(({ source }) => source))].sort();
  if (held !== undefined && same(sources, held.sources)) return held;
  const why = `Mail of ${describe(failing)} fails; the plan holds until it passes.`;
  return { since: held?.since ?? now, sources, why };
}

const describe = (failing: readonly FailingSource[]): string =>
  failing
    .slice(0, 3)
    .map(({ source, passed, failed }) => `${source} (${failed} of ${passed + failed} failed)`)
    .join(', ') + (failing.length > 3 ? ` and ${failing.length - 3} more` : '');

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);
