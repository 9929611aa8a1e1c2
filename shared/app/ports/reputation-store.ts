import type {
  PassedOn,
  Reputation,
  ReputationCounts,
  ReputationSubject,
  Standing,
} from '#shared/core/model/reputation.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';

/** A reputation after outcomes were counted. */
export interface CountedReputation extends Reputation {
  readonly passed: PassedOn;
}

/** The reputations of tenants and their domains. */
export interface ReputationStore {
  /**
   * Adds outcomes to the counts of their day.
   *
   * @param at ISO 8601
   * @returns the reputation after that
   */
  count(
    subject: ReputationSubject,
    counts: ReputationCounts,
    at: string,
  ): Promise<CountedReputation>;
  /**
   * Notes that all outcomes of a domain are added to its tenant's counts.
   *
   * @param passed as it was counted
   * @returns false where another has passed some of them on since
   */
  passOn(subject: ReputationSubject, passed: PassedOn): Promise<boolean>;
  /**
   * Changes the standing, where it is still the one that is expected.
   *
   * @returns false where it is another
   */
  move(subject: ReputationSubject, from: Standing, to: Standing, at: string): Promise<boolean>;
  /** Returns the reputation of each subject as of a day, in order. @param at ISO 8601 */
  among(subjects: readonly ReputationSubject[], at: string): Promise<Reputation[]>;
  /**
   * Returns the reputations of a tenant as a whole and of each of its domains that ever sent, as of a
   * day. @param at ISO 8601
   */
  ofTenant(
    tenant: TenantId,
    at: string,
  ): Promise<{
    readonly whole: Reputation;
    readonly domains: ReadonlyMap<DomainName, Reputation>;
  }>;
  /**
   * The counts of the last days, today the last; those of today so far.
   *
   * @param at ISO 8601
   * @param days at most {@link COUNTED_DAYS}
   */
  days(subject: ReputationSubject, at: string, days: number): Promise<ReputationCounts[]>;
  /**
   * Has it start again, by the operator's word: good, with nothing counted.
   *
   * @param exempt true if its rates are to have no effect from now on
   */
  reset(subject: ReputationSubject, exempt: boolean, at: string): Promise<void>;
}
