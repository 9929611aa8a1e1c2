import type {
  Reputation,
  ReputationCounts,
  ReputationSubject,
  Standing,
} from '#shared/core/model/reputation.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';

/** The reputations of tenants and their domains. */
export interface ReputationStore {
  /**
   * Adds outcomes to the counts of their day.
   *
   * @param at ISO 8601
   * @returns the reputation after that
   */
  count(subject: ReputationSubject, counts: ReputationCounts, at: string): Promise<Reputation>;
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
   * The counts of each day of the window, today the last; those of today so far.
   *
   * @param at ISO 8601
   */
  days(subject: ReputationSubject, at: string): Promise<ReputationCounts[]>;
  /**
   * Has it start again, by the operator's word: good, with nothing counted.
   *
   * @param exempt true if its rates are to have no effect from now on
   */
  reset(subject: ReputationSubject, exempt: boolean, at: string): Promise<void>;
}
