/**
 * - `ok`: right.
 * - `ok-external`: right by the customer's own record instead of ours (a valid DMARC record).
 * - `missing`: not there.
 * - `wrong`: there, but not what it must be.
 * - `unknown`: DNS did not answer; changes nothing.
 * - `preparing`: its value is not known yet (SES has not given it).
 */
export type RecordStatus = 'ok' | 'ok-external' | 'missing' | 'wrong' | 'unknown' | 'preparing';

/** - `preparing`: SES has not confirmed the identity yet. `failed`: SES gave up; asked for again. */
export type SendingStatus = 'preparing' | 'ready' | 'failed';

/** What one check saw of one record. */
export interface RecordCheck {
  /** The record's id in `customerRecords`. */
  readonly id: string;
  readonly status: RecordStatus;
  /** The values that DNS answered, as text, at most 10. */
  readonly observed: readonly string[];
  /** What to change, a sentence; absent where nothing needs changing. */
  readonly hint?: string;
}

/** The last check of a claim. */
export interface CheckResult {
  readonly checkedAt: string;
  readonly records: readonly RecordCheck[];
}
