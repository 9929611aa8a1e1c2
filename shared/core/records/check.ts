import { changesOf, type Change } from './marked-change.ts';
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

/** What is observed, corrected, and the terms that differ. */
export interface Correction {
  readonly value: string;
  readonly changes: readonly Change[];
}

/** Returns the correction of the customer's own SPF or DMARC text, where the check suggests one. */
export function correctionIn({
  status,
  observed,
  value,
  corrected,
}: Pick<RecordCheck, 'status' | 'observed' | 'value' | 'corrected'>): Correction | undefined {
  if (observed.length === 0) return undefined;
  if (corrected !== undefined) {
    return { value: corrected, changes: changesOf(observed, corrected, /[; ]+/) };
  }
  const suggests = (status === 'wrong' || status === 'warning') && value !== undefined;
  if (!suggests || value === '' || observed.includes(value)) return undefined;
  return { value, changes: changesOf(observed, value) };
}
