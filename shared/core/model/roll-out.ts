import type { DmarcPolicy } from './dmarc-policy.ts';

/**
 * The treatment that a domain requests for mail that fails; a stage of the roll-out, `none` the
 * first.
 */
export type Stage = DmarcPolicy['p'];

/** The tag of the DMARC record that a step changes: the domain's own mail, or its subdomains'. */
export type StageTag = 'p' | 'sp';

/** What the customer said of sources, by their id in the reports. */
export interface SourceDecisions {
  /** Those that are its own. */
  readonly confirmed: readonly string[];
  /** Those that are not. */
  readonly ignored: readonly string[];
}

/** The plan by which a domain's DMARC policy is raised, where receivers' reports show that it is safe. */
export interface RollOut extends SourceDecisions {
  /** No step is taken before, ISO 8601. */
  readonly startsAt: string;
  /** No step goes beyond. */
  readonly ceiling: Stage;
  /** When the customer agreed to `reject`, and to going below `quarantine` again; ISO 8601. */
  readonly consent: { readonly reject?: string; readonly none?: string };
  /** Sources that signed mail of the domain, which passed, for long enough to count as its own. */
  readonly learned: readonly string[];
  /** Since when each tag is what it is, ISO 8601. */
  readonly since: Readonly<Record<StageTag, string>>;
  /** The reason why the plan holds: own sources whose mail fails. Absent where none does. */
  readonly held?: {
    readonly since: string;
    readonly why: string;
    readonly sources: readonly string[];
  };
}

/** A change of a domain's DMARC policy. */
export interface PolicyStep {
  /** ISO 8601. */
  readonly at: string;
  readonly tag: StageTag;
  readonly from: Stage;
  readonly to: Stage;
  /** A sentence. */
  readonly why: string;
}

/** The requirements of a step; the deployment's configuration. */
export interface RollOutThresholds {
  /** Days that each stage lasts at least; the evidence is of as many days. */
  readonly noneDays: number;
  readonly quarantineDays: number;
  readonly reporters: number;
  readonly messages: number;
  /** The share of the known sources' mail that must pass: 0.995. */
  readonly passRate: number;
  /** Days and messages that suffice where there is too little mail for the above. */
  readonly slowDays: number;
  readonly slowMessages: number;
}

/** Steps that a claim remembers. */
export const MAX_STEPS = 50;
export const MAX_SOURCES_KEPT = 100;
/** Sources that a customer confirms, or ignores. */
export const MAX_DECISIONS = 50;
