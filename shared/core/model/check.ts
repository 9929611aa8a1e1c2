/**
 * - `ok`: right.
 * - `ok-external`: right by the customer's own record instead of ours (a valid DMARC record).
 * - `warning`: works, but not for long (a copy of a key that we are going to change), or lets others
 *   do harm (`+all`).
 * - `missing`: not there.
 * - `wrong`: there, but not what it must be.
 * - `unknown`: DNS did not answer; changes nothing.
 * - `preparing`: its value is not known yet (SES has not given it).
 */
export const recordStatuses = [
  'ok',
  'ok-external',
  'warning',
  'missing',
  'wrong',
  'unknown',
  'preparing',
] as const;
export type RecordStatus = (typeof recordStatuses)[number];

/**
 * - `preparing`: SES has not confirmed the identity yet. `failed`: SES gave up; asked for again.
 * - `held`: the service cannot make the identity by itself. Its operator is notified, and acts.
 */
export const sendingStatuses = ['preparing', 'ready', 'failed', 'held'] as const;
export type SendingStatus = (typeof sendingStatuses)[number];

/**
 * The state that a check keeps from the checks before it, since waiting times run over many checks.
 * Times are ISO 8601.
 */
export interface CheckMemory {
  /** Record ids of the DKIM slots that were right at some time since the claim was last proven. */
  readonly rightSlots: readonly string[];
  /** Since when the claim is broken without a break; time in which DNS said nothing does not count. */
  readonly brokenSince?: string;
  /** The time since which DNS has not answered the queries that decide the status. */
  readonly unknownSince?: string;
  /**
   * Milliseconds in which DNS did not answer, before `unknownSince`; a pending claim's time does
   * not run in them.
   */
  readonly silentMs?: number;
  /** Since when something remains to be done of a record, without a break. */
  readonly amissSince?: string;
  /** Since when SES's TXT record is seen while SES has not confirmed the identity. */
  readonly identitySeenSince?: string;
}

export const newMemory: CheckMemory = { rightSlots: [] };
