import type { CheckMemory } from '#shared/core/model/check.ts';
import type { CheckResult } from '#shared/core/records/check.ts';
import type { ClaimKey } from '#shared/core/model/claim.ts';
import type { Label } from '#shared/core/model/names.ts';
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
export interface CheckStore extends SendingLog {
  /** Strongly consistent. */
  get(label: Label): Promise<CheckState | undefined>;
  /** The last results of up to 100 claims; absent where there was no check yet. */
  results(labels: readonly Label[]): Promise<Map<Label, CheckResult>>;
  /** Notes when to look next and nothing else: a new claim's first check, or one to be made sooner. */
  schedule(check: DueCheck): Promise<void>;
  /**
   * Notes what was seen, what to remember and when to look again, in one write; nothing where a check
   * that began later has noted what it saw already.
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
   * Takes a due check until `until`, when it becomes due again unless `record` or `schedule` said
   * otherwise; so a check that got lost on its way is made after all.
   *
   * @returns false where somebody else took it
   */
  lease(check: DueCheck, until: string): Promise<boolean>;
  /** Forgets a claim that needs no more checks (a retired claim). */
  forget(label: Label): Promise<void>;
}

/** How many partitions the due times are spread over. */
export const DUE_PARTITIONS = 16;
/** How exactly the store knows when mail was last sent, seconds; spares a write per message. */
export const SENT_PRECISION_SECONDS = 900;
