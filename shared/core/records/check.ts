import type { RecordCode } from './codes.ts';
import type { Verdict } from './verdict.ts';

/** The result of one check of one record; of the values that DNS answered, at most 10. */
export interface RecordCheck extends Verdict<RecordCode> {
  /** The record's id in `customerRecords`. */
  readonly id: string;
}

/** The last check of a claim. */
export interface CheckResult {
  readonly checkedAt: string;
  readonly records: readonly RecordCheck[];
}
