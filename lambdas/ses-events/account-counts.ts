import type { Clock } from '#shared/app/ports/clock.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import {
  addCounts,
  newReputation,
  wholeAccount,
  type ReputationCounts,
} from '#shared/core/model/reputation.ts';

/** Deliveries that are written together. */
const TOGETHER = 20;
const LONGEST_MS = 30_000;

/**
 * The outcomes of the account as a whole. Those of mail that arrived are written 20 at a time, since
 * each write is of one item; a bounce or complaint is written at once, with those before it. What an
 * instance has not written when it ends is missing: up to 20 deliveries, without which the account
 * seems worse than it is.
 */
export class AccountCounts {
  readonly #reputations: Pick<ReputationStore, 'count'>;
  readonly #clock: Clock;
  #waiting: ReputationCounts = newReputation.counts;
  #known: ReputationCounts = newReputation.counts;
  /** Epoch milliseconds of the last write. */
  #writtenAt = 0;

  constructor(reputations: Pick<ReputationStore, 'count'>, clock: Clock) {
    this.#reputations = reputations;
    this.#clock = clock;
  }

  /**
   * Adds outcomes.
   *
   * @returns the counts of the account, as they were last written
   * @throws what the table throws; the outcomes are written with the next ones
   */
  async add(counts: ReputationCounts): Promise<ReputationCounts> {
    this.#waiting = addCounts(this.#waiting, counts);
    const now = this.#clock.now();
    const { outcomes, bounced, complained } = this.#waiting;
    const isDue =
      bounced + complained > 0 ||
      outcomes >= TOGETHER ||
      now.getTime() - this.#writtenAt >= LONGEST_MS;
    if (isDue) {
      const written = this.#waiting;
      this.#waiting = newReputation.counts;
      try {
        const { counts: known } = await this.#reputations.count(
          wholeAccount,
          written,
          now.toISOString(),
        );
        this.#known = known;
        this.#writtenAt = now.getTime();
      } catch (error) {
        this.#waiting = addCounts(this.#waiting, written);
        throw error;
      }
    }
    return this.#known;
  }
}
