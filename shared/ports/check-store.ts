import type { CheckResult } from '../domain/check.ts';
import type { ClaimKey } from '../domain/claim.ts';
import type { Label } from '../domain/names.ts';

/** A claim that is due for its check, or for the end of a waiting time. */
export interface DueCheck extends ClaimKey {
  readonly label: Label;
  /** ISO 8601. */
  readonly dueAt: string;
}

/** Check results and due times; a table without a stream, so that checking never publishes. */
export interface CheckStore {
  result(label: Label): Promise<CheckResult | undefined>;
  results(labels: readonly Label[]): Promise<Map<Label, CheckResult>>;
  /** Notes what was seen and when to look again, in one write. `attempt` counts checks in the present status. */
  record(
    check: ClaimKey & { label: Label; result?: CheckResult; dueAt: string; attempt: number },
  ): Promise<void>;
  attempt(label: Label): Promise<number>;
  /** Up to `limit` checks of one of the 16 partitions that are due at `now`. */
  due(partition: number, now: string, limit: number): Promise<DueCheck[]>;
  /**
   * Takes a due check for `leaseSeconds`, so that the next planner does not queue it again.
   *
   * @returns false where somebody else took it
   */
  lease(check: DueCheck, until: string): Promise<boolean>;
  /** Forgets a claim that needs no more checks (a tombstone). */
  forget(label: Label): Promise<void>;
}

/** How many partitions the due times are spread over. */
export const DUE_PARTITIONS = 16;
