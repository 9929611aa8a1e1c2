import type { CheckMemory } from '#shared/core/model/check.ts';
import type { CheckResult } from '#shared/core/records/check.ts';
import type { ClaimKey } from '#shared/core/model/claim.ts';
import type { Label } from '#shared/core/model/names.ts';
import type { KeyVerdicts } from './key-verdicts.ts';
import type { SendingLog } from './mail.ts';

/** A claim that is due for its check, or for the end of a waiting time. */
export interface DueCheck extends ClaimKey {
  readonly label: Label;
  /** ISO 8601. */
  readonly dueAt: string;
}

/** Everything the store has of one claim. */
export interface CheckState extends DueCheck {
  /** Absent before the first check. */
  readonly result?: CheckResult;
  readonly memory: CheckMemory;
  /** When mail of the domain was last sent, to the nearest `SENT_PRECISION_SECONDS`. */
  readonly lastSentAt?: string;
}

/** Check results and due times; a table without a stream, so that checking never publishes. */
export interface CheckStore extends SendingLog, KeyVerdicts {
  /** Strongly consistent. */
  get(label: Label): Promise<CheckState | undefined>;
  /** The last results of up to 100 claims; absent where there was no check yet. */
  results(labels: readonly Label[]): Promise<Map<Label, CheckResult>>;
  /**
   * Notes the next due time and nothing else: a new claim's first check, or one to be made sooner.
   */
  schedule(check: DueCheck): Promise<void>;
  /**
   * Notes the answers, what to remember and the next due time, in one write. It notes nothing where
   * a later check has noted its own already.
   */
  record(check: DueCheck & { result: CheckResult; memory: CheckMemory }): Promise<void>;
  /**
   * Notes that mail of the claim was sent, and brings its next check forward to an hour from then.
   * Writes at most once per `SENT_PRECISION_SECONDS`; nothing for a label it does not know.
   */
  noteSent(label: Label, at: string): Promise<void>;
  /** Up to `limit` checks of one of the 16 partitions that are due at `now`, the longest due first. */
  due(partition: number, now: string, limit: number): Promise<DueCheck[]>;
  /**
   * Leases a due check until `until`, when it becomes due again unless `record` or `schedule` said
   * otherwise. So a check that got lost on its way is made after all.
   *
   * @returns false where another caller leased it
   */
  lease(check: DueCheck, until: string): Promise<boolean>;
  /** Forgets a claim that needs no more checks (a retired claim). */
  forget(label: Label): Promise<void>;
}

/** The number of partitions of the due times. */
export const DUE_PARTITIONS = 16;
/** The precision, in seconds, of the time of the last mail; spares a write per message. */
export const SENT_PRECISION_SECONDS = 900;
