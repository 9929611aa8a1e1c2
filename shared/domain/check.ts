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

/**
 * What a check must remember of the checks before it, since waiting times run over many checks.
 * Times are ISO 8601.
 */
export interface CheckMemory {
  /** Record ids of the DKIM slots that were right at some time since the claim was last proven. */
  readonly rightSlots: readonly string[];
  /** Since when the claim is broken without a break; time in which DNS said nothing does not count. */
  readonly brokenSince?: string;
  /** Since when DNS has not told what decides the status. */
  readonly unknownSince?: string;
  /** Since when SES's TXT record is seen while SES has not confirmed the identity. */
  readonly identitySeenSince?: string;
}

export const newMemory: CheckMemory = { rightSlots: [] };
