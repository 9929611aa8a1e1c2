import type { Stage, StageTag } from '../model/roll-out.ts';
import type { DayAggregates } from '../reports/day.ts';
import { type SourceContext, type SourceKind, sourced } from '../reports/sources.ts';

/** The fate of mail under a policy: messages that receivers let pass, put to spam, and refuse. */
export interface PolicyOutcome {
  readonly policy: Stage;
  readonly delivered: number;
  readonly quarantined: number;
  readonly rejected: number;
}

/** Mail that DMARC passed or failed, and what each policy would have done to it. */
export interface Effects {
  readonly tag: StageTag;
  readonly messages: number;
  readonly passed: number;
  readonly failed: number;
  readonly policies: readonly PolicyOutcome[];
}

export interface SourceEffects extends Effects {
  /** The source's id in the reports. */
  readonly id: string;
  readonly kind: SourceKind;
}

/** By mail, most first. */
export const MAX_EFFECTS = 500;

/**
 * Computes what each policy would have done to the mail of some days, as its verified reporters saw
 * it: by source, and by the tag that applies to it. Mail from elsewhere is left out, and so are
 * names below the domain that publish a policy of their own.
 */
export function policyEffects(
  days: readonly DayAggregates[],
  context: SourceContext,
): SourceEffects[] {
  const counts = new Map<string, { tag: StageTag; id: string; kind: SourceKind } & Counts>();
  const verified = days.filter(({ reporter }) => reporter !== undefined);
  for (const { group, source } of sourced(verified, context)) {
    if (group.scope === 'foreign' || group.policyDomain !== undefined) continue;
    const tag: StageTag = group.scope === 'domain' ? 'p' : 'sp';
    const key = `${tag} ${source.id}`;
    const one = counts.get(key) ?? { ...source, tag, passed: 0, failed: 0 };
    counts.set(key, one);
    one[group.dkim || group.spf ? 'passed' : 'failed'] += group.messages;
  }
  return [...counts.values()]
    .map(({ id, kind, tag, ...tally }) => ({ id, kind, ...effectsOf(tag, tally) }))
    .sort((a, b) => b.messages - a.messages || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_EFFECTS);
}

/** The effects on all sources together, for each tag that has mail. */
export const totalEffects = (sources: readonly SourceEffects[]): Effects[] =>
  (['p', 'sp'] as const).flatMap((tag) => {
    const ofTag = sources.filter((one) => one.tag === tag);
    return ofTag.length === 0 ? [] : [effectsOf(tag, sumOf(ofTag))];
  });

interface Counts {
  passed: number;
  failed: number;
}

const sumOf = (sources: readonly Effects[]): Counts => ({
  passed: sources.reduce((sum, { passed }) => sum + passed, 0),
  failed: sources.reduce((sum, { failed }) => sum + failed, 0),
});

const effectsOf = (tag: StageTag, { passed, failed }: Counts): Effects => ({
  tag,
  messages: passed + failed,
  passed,
  failed,
  policies: (['none', 'quarantine', 'reject'] as const).map((policy) => ({
    policy,
    delivered: policy === 'none' ? passed + failed : passed,
    quarantined: policy === 'quarantine' ? failed : 0,
    rejected: policy === 'reject' ? failed : 0,
  })),
});
