import { DAY_MS } from '../time.ts';
import type { DomainName, TenantId } from './names.ts';

/**
 * What receivers make of the mail of a tenant, and of each of its domains: the share that bounces for
 * good and the share that readers report as spam. All tenants send by one account of Amazon SES, which
 * AWS reviews at 5 % bounces or 0.1 % complaints and pauses at 10 % or 0.5 %
 * (https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html). So one tenant's mail slows down
 * and pauses before that.
 */
export interface ReputationCounts {
  /** Recipients of whom the outcome is known: delivered, bounced, complained. */
  readonly outcomes: number;
  /** Those who bounced for good. */
  readonly bounced: number;
  readonly complained: number;
}

/** The counts of both together. */
export const addCounts = (one: ReputationCounts, other: ReputationCounts): ReputationCounts => ({
  outcomes: one.outcomes + other.outcomes,
  bounced: one.bounced + other.bounced,
  complained: one.complained + other.complained,
});

/** Whose reputation it is: a tenant's as a whole, or that of one of its domains. */
export interface ReputationSubject {
  readonly tenant: TenantId;
  /** Absent for the tenant as a whole. */
  readonly domain?: DomainName | undefined;
}

/**
 * - `good`: sends as everybody does.
 * - `slowed`: its mail comes after that of others; good again by itself.
 * - `paused`: its mail waits until the operator decides.
 */
export type Standing = (typeof standings)[number];

/** From good to worse. */
export const standings = ['good', 'slowed', 'paused'] as const;

export interface Reputation {
  /** Of the last {@link WINDOW_DAYS} days, today's so far included. */
  readonly counts: ReputationCounts;
  readonly standing: Standing;
  /** Since when it has the standing, ISO 8601; absent where it never had another. */
  readonly since?: string;
  /** True where the operator decided that its rates have no effect. */
  readonly exempt?: boolean;
}

/** The reputation of who sent nothing yet. */
export const newReputation: Reputation = {
  counts: { outcomes: 0, bounced: 0, complained: 0 },
  standing: 'good',
};

/** Days, UTC, whose mail counts. */
export const WINDOW_DAYS = 7;

/** Days, UTC, that counts are kept for. */
export const COUNTED_DAYS = 30;

/** A domain's outcomes, and those of them that the counts of its tenant have. */
export interface PassedOn {
  readonly outcomes: number;
  readonly passedOn: number;
}

/** So many outcomes of a domain are added to its tenant's counts together. */
const PASSED_ON_TOGETHER = 10;

/**
 * Returns true if outcomes of a domain are to be added to its tenant's counts: each write is of one
 * item, and those of mail that arrived change no standing by themselves.
 *
 * @param latest those that were counted just now
 */
export const isPassedOn = (
  { outcomes, passedOn }: PassedOn,
  { bounced, complained }: ReputationCounts,
): boolean => bounced + complained > 0 || outcomes - passedOn >= PASSED_ON_TOGETHER;

/** The UTC day of a time, as the number of days since the epoch. @param at ISO 8601 */
export const windowDay = (at: string): number => Math.floor(Date.parse(at) / DAY_MS);

/** The shares, in percent, from which on sending is slowed and paused. */
export interface ReputationLimits {
  readonly bounces: { readonly slow: number; readonly pause: number };
  readonly complaints: { readonly slow: number; readonly pause: number };
}

/** The account as a whole: the mail of all tenants. No tenant has this id. */
export const wholeAccount: ReputationSubject = { tenant: '*' as TenantId };

/** From these shares on, in percent, the account is in danger: 20 % below those of AWS's review and pause. */
const ACCOUNT = {
  review: { bounced: 4, complained: 0.08, factor: 0.5 },
  pause: { bounced: 8, complained: 0.4, factor: 0.25 },
} as const;
const LEAST_OF_ACCOUNT = { outcomes: 1_000, complained: 3 };

/**
 * Returns the limits for tenants by what the account's own rates are: the nearer AWS is to acting,
 * the lower. Who sends well notices nothing; who does not, slows down and pauses earlier.
 */
export function limitsFor(limits: ReputationLimits, account: ReputationCounts): ReputationLimits {
  if (account.outcomes < LEAST_OF_ACCOUNT.outcomes) return limits;
  const isAt = ({ bounced, complained }: { bounced: number; complained: number }): boolean =>
    percent(account, 'bounced') >= bounced ||
    (account.complained >= LEAST_OF_ACCOUNT.complained &&
      percent(account, 'complained') >= complained);
  const reached = isAt(ACCOUNT.pause) ? ACCOUNT.pause : isAt(ACCOUNT.review) && ACCOUNT.review;
  if (reached === false) return limits;
  const lowered = ({ slow, pause }: ReputationLimits['bounces']) => ({
    slow: slow * reached.factor,
    pause: pause * reached.factor,
  });
  return { bounces: lowered(limits.bounces), complaints: lowered(limits.complaints) };
}

/** Fewer say nothing. */
const LEAST = { outcomes: 50, bounced: 5, complained: 3 };

/**
 * Returns the standing that counts lead to. A pause ends by the operator alone: nothing is sent
 * meanwhile that could show that the cause is gone.
 */
export function standingBy(
  { counts, standing, exempt = false }: Reputation,
  { bounces, complaints }: ReputationLimits,
): Standing {
  if (exempt) return 'good';
  if (standing === 'paused') return standing;
  if (counts.outcomes < LEAST.outcomes) return 'good';
  const reaches = (level: 'slow' | 'pause'): boolean =>
    (counts.bounced >= LEAST.bounced && percent(counts, 'bounced') >= bounces[level]) ||
    (counts.complained >= LEAST.complained && percent(counts, 'complained') >= complaints[level]);
  if (reaches('pause')) return 'paused';
  return reaches('slow') ? 'slowed' : 'good';
}

/** The share of recipients who bounced or complained, in percent. */
export const percent = (counts: ReputationCounts, which: 'bounced' | 'complained'): number =>
  counts.outcomes === 0 ? 0 : (counts[which] * 100) / counts.outcomes;

/** Says what the counts are, for people. */
export const ratesOf = (counts: ReputationCounts): string =>
  `of ${counts.outcomes} recipients in ${WINDOW_DAYS} days ${percent(counts, 'bounced').toFixed(1)} % bounced for good and ${percent(counts, 'complained').toFixed(2)} % complained`;

/** The worse of two standings. */
export const worse = (one: Standing, other: Standing): Standing =>
  standings[Math.max(standings.indexOf(one), standings.indexOf(other))] as Standing;
