import type { Lookup } from '../../../model/lookup.ts';
import { MAX_LOOKUPS } from '../../../spf/evaluate.ts';
import { MAX_RECORD_LENGTH } from '../../../spf/record.ts';
import type { PublishedRecord } from '../../kind.ts';
import type { Setting } from '../../setting.ts';
import type { Verdict } from '../../verdict.ts';
import type { SpfCode } from './codes.ts';
import { includeOf, correctedSpf, spfAmong, syntaxError, withoutOld } from './corrected-spf.ts';

/** Faults that joining the present record with our include corrects; the rest takes a person. */
const correctable: ReadonlySet<SpfCode | undefined> = new Set<SpfCode>([
  'spf-several',
  'spf-no-include',
  'spf-include-after-all',
  'spf-include-negated',
  'spf-include-duplicated',
  'appended-domain-in-value',
  'form-residue',
  'old-label',
]);

/**
 * Returns the one record to publish at a name with SPF (RFC 7208 §3.2): the present one where that
 * is right, else that with our include. Empty where receivers could not follow it, or the present
 * one is wrong otherwise.
 *
 * @returns undefined where there is no SPF: then it is the record's own value
 */
export function valueInstead(
  record: PublishedRecord,
  { values }: Lookup,
  setting: Setting,
  { status, code }: Verdict<SpfCode>,
): string | undefined {
  const { spf, domain } = setting;
  const texts = spfAmong(values).map((text) => withoutOld(text, setting));
  if (texts.length === 0) return undefined;
  if (status === 'ok') return texts[0];
  const readable = texts.every((text) => syntaxError(text) === undefined);
  const tooMany = (spf.get(record.id)?.lookups ?? 0) > MAX_LOOKUPS;
  if (!correctable.has(code) || !readable || tooMany) return '';
  const value = correctedSpf(texts, includeOf(record), domain);
  return value.length > MAX_RECORD_LENGTH ? '' : value;
}
