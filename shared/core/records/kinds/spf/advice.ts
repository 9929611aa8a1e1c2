import type { Lookup } from '../../../model/lookup.ts';
import { MAX_LOOKUPS } from '../../../spf/evaluate.ts';
import { isSpfRecord, MAX_RECORD_LENGTH } from '../../../spf/record.ts';
import type { PublishedRecord } from '../../kind.ts';
import { markedChange } from '../../marked-change.ts';
import type { Setting } from '../../setting.ts';
import type { Verdict } from '../../verdict.ts';
import type { SpfCode } from './codes.ts';
import {
  includeOf,
  ownRecords,
  spfAmong,
  suggestedSpf,
  suggestionOf,
  withoutOld,
} from './corrected-spf.ts';
import { judgePresent } from './judge.ts';
import { withinLimits } from './limits.ts';
import { keepsSenders } from './proof.ts';
import { resemblesSpf } from './reading.ts';

/** Faults that joining the present record with our include corrects; the rest takes a person. */
const correctable: ReadonlySet<SpfCode | undefined> = new Set<SpfCode>([
  'spf-several',
  'spf-no-include',
  'spf-include-after-all',
  'spf-senders-after-all',
  'spf-include-negated',
  'spf-include-duplicated',
  'spf-unrecognized',
  'spf-invalid',
  'spf-loop',
  'appended-domain-in-value',
  'form-residue',
  'old-label',
]);

/**
 * Judges an SPF record, and adds the one record to publish in its place (RFC 7208 §3.2): the present
 * one where that is right, else that with our include. The value is empty, and the hint says what to
 * do by hand, where a corrected one does not prove itself.
 */
export function judgeSpf(
  record: PublishedRecord,
  lookup: Lookup,
  setting: Setting,
): Verdict<SpfCode> {
  const verdict = judgePresent(record, lookup, setting);
  const { status, code, hint = '', observed } = verdict;
  const [text] = spfAmong(lookup.values);
  if (text === undefined || status === 'ok-external' || status === 'missing') return verdict;
  if (status === 'ok') return { ...verdict, value: withoutOld(text, setting) };
  // A warning is about a record that receivers read.
  const present = { ...verdict, value: lookup.values.find(isSpfRecord) ?? text };
  // Dangers are the customer's to judge: a milder record could lose a sender.
  if (status === 'warning' && !correctable.has(code)) return present;
  if (!correctable.has(code)) return { ...verdict, value: '' };
  // There is no room for us, as the hint says.
  if (verdict.spf !== undefined) return { ...verdict, value: '' };
  const value = suggestedSpf(record, lookup.values, setting);
  if (value !== undefined && isProven(record, lookup, setting, value)) {
    const marked = markedChange(observed, value);
    const change = marked === undefined ? '' : ` (that is ${marked})`;
    const lead = observed.length > 1 ? 'Put one in their place' : 'Change it to';
    return { ...verdict, value, hint: `${hint} ${lead}: ${value}${change}` };
  }
  if (status === 'warning') return present;
  return { ...verdict, value: '', hint: `${hint} ${byHand(record, lookup, setting)}` };
}

/**
 * Returns true if a value, applied to the observed answers, is right or at most has dangers that the
 * present records have too, and no sender that passed or was meant to fares worse.
 */
export function isProven(
  record: PublishedRecord,
  lookup: Lookup,
  setting: Setting,
  value: string,
): boolean {
  const texts = ownRecords(record, lookup.values, setting);
  if (texts === undefined || value.length > MAX_RECORD_LENGTH) return false;
  const tree = setting.spf.get(suggestionOf(record.id)) ?? setting.spf.get(record.id);
  if (tree !== undefined && withinLimits(record.name, value, tree, setting) !== undefined) {
    return false;
  }
  const others = lookup.values.filter((text) => !resemblesSpf(text));
  const after = judgePresent(record, { ...lookup, values: [...others, value] }, setting);
  const isRight = after.status === 'ok' || after.status === 'warning';
  return isRight && keepsSenders(record.name, texts, value);
}

function byHand(record: PublishedRecord, { values }: Lookup, { spf }: Setting): string {
  const include = includeOf(record);
  const lookups = spf.get(record.id)?.lookups ?? 0;
  const several = values.filter(isSpfRecord).length > 1;
  if (lookups > MAX_LOOKUPS) {
    const whole = several ? `Joined, with ${include}, they take` : `With ${include} it takes`;
    return `${whole} ${lookups} DNS lookups, of ${MAX_LOOKUPS} that receivers make: remove what you do not send from any more.`;
  }
  return several
    ? `Join them into one that has ${include} before its "all", and keeps each sender.`
    : `Correct it by hand, keep each sender, and put ${include} before its "all".`;
}
