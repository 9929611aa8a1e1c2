import type { RecordStatus } from '../model/check.ts';
import type { DmarcPolicy } from '../model/dmarc-policy.ts';
import type { Lookup } from '../model/lookup.ts';
import type { SpfTree } from '../spf/tree.ts';
import type { CommonCode } from './common-codes.ts';

/** The judgement of one DNS answer about one record. */
export interface Verdict<Code extends string = CommonCode> {
  readonly status: RecordStatus;
  /** The fault; absent where the record is `ok`. */
  readonly code?: Code;
  /** The values that DNS answered, as text. */
  readonly observed: readonly string[];
  /** The change to make, a sentence; absent where none is needed. */
  readonly hint?: string;
  /**
   * The text to publish at the name, where there is SPF already: that with our include in it. Empty
   * where a person must repair it first, as the hint says. Absent: the record's own value.
   */
  readonly value?: string;
  /** The customer's own DMARC record with its mistakes corrected, a TXT record for the same name. */
  readonly corrected?: string;
  /** The policy of the customer's own DMARC record, as the hosted one may take it over. */
  readonly policy?: DmarcPolicy;
  /** The SPF record with all that it includes, where that is too much or broken. */
  readonly spf?: SpfTree;
}

export const ok = (observed: readonly string[]): Verdict<never> => ({ status: 'ok', observed });

export const wrong = <Code extends string>(
  code: Code,
  observed: readonly string[],
  hint: string,
): Verdict<Code> => ({ status: 'wrong', code, observed, hint });

/** The verdict on what works today, but not for long. */
export const warning = <Code extends string>(
  code: Code,
  observed: readonly string[],
  hint: string,
): Verdict<Code> => ({ status: 'warning', code, observed, hint });

export const missing = (hint: string): Verdict<'missing'> => ({
  status: 'missing',
  code: 'missing',
  observed: [],
  hint,
});

/** The values seen, or where the name points instead of having any. */
export const seenIn = ({ values, cnames }: Lookup): readonly string[] =>
  values.length > 0 ? values : cnames.slice(0, 1);
