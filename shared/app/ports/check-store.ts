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

/** A claim, and its label: what a check is of. */
export type CheckKey = Omit<DueCheck, 'dueAt'>;

/** Held by the one check of a claim that is under way. Times are ISO 8601. */
export interface CheckLock {
  /** Random, another for each check. */
  readonly owner: string;
  /** When the check began. */
  readonly since: string;
  /** When others may take the lock of a check that did not end. */
  readonly until: string;
}

/** Everything the store has of one claim. */
export interface CheckState extends DueCheck {
  /** Absent before the first check. */
  readonly result?: CheckResult;
  readonly memory: CheckMemory;
  /** When mail of the domain was last sent, to the nearest `SENT_PRECISION_SECONDS`. */
  readonly lastSentAt?: string;
  /** Somebody asked for a check that begins at this time or later; ISO 8601. */
  readonly requestedAt?: string;
  readonly lock?: CheckLock;
}

/** The last check of a claim. */
export interface LastCheck extends CheckResult {
  /** Since when none of its keys is found, ISO 8601; absent while one is. */
  readonly brokenSince?: string;
}

/** Returns the last check by what is stored of it. */
export const lastCheck = (result: CheckResult, memory?: CheckMemory): LastCheck => ({
  ...result,
  ...(memory?.brokenSince === undefined ? {} : { brokenSince: memory.brokenSince }),
});

/** Check results and due times; a table without a stream, so that checking never publishes. */
export interface CheckStore extends SendingLog, KeyVerdicts {
  /** Strongly consistent. */
  get(label: Label): Promise<CheckState | undefined>;
  /** The last results of up to 100 claims; absent where there was no check yet. */
  results(labels: readonly Label[]): Promise<Map<Label, LastCheck>>;
  /**
   * Notes the next due time and nothing else: a new claim's first check, or one to be made sooner.
   */
  schedule(check: DueCheck): Promise<void>;
  /**
   * Takes the lock of a claim's check, so that no two checks of a claim overlap.
   *
   * @returns the claim's state with the lock; undefined where another check holds it
   */
  lock(check: CheckKey, lock: CheckLock): Promise<CheckState | undefined>;
  /**
   * Notes the answers, what to remember and the next due time, and releases the lock, in one write.
   *
   * @param owner of the lock
   * @returns the claim's state; undefined, and nothing is noted, where it does not hold the lock
   */
  record(
    check: DueCheck & { result: CheckResult; memory: CheckMemory },
    owner: string,
  ): Promise<CheckState | undefined>;
  /** Releases the lock of a check that noted no result; nothing where it does not hold the lock. */
  unlock(label: Label, owner: string): Promise<void>;
  /**
   * Notes that a check was asked for, and when it is due at the latest.
   *
   * @param was the time that was asked for before; undefined where there is none
   * @returns false, and nothing is noted, where another caller asked since
   */
  request(check: DueCheck & { requestedAt: string }, was: string | undefined): Promise<boolean>;
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
/** The precision, in seconds, of the time of the last mail: six hours, which spares writes. */
export const SENT_PRECISION_SECONDS = 21_600;
