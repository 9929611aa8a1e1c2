import { withInclude } from '../../../spf/merge.ts';
import { isSpfRecord, parseSpf } from '../../../spf/record.ts';
import type { PublishedRecord } from '../../kind.ts';
import { labelsIn } from '../../labels.ts';
import { withoutPastedArtefacts } from '../../pasted-artefacts.ts';
import type { Setting } from '../../setting.ts';

/** A term as it is compared: lower case, without `+` and a trailing dot. */
export const normalTerm = (term: string): string =>
  term.toLowerCase().replace(/^\+/, '').replace(/\.$/, '');

/** The terms of an SPF record, as they are compared. */
export const termsOf = (text: string): string[] => text.split(/ +/).map(normalTerm);

/** Returns the include that a customer's SPF record must have: the one of the value we show. */
export const includeOf = ({ value = '' }: Pick<PublishedRecord, 'value'>): string =>
  value.split(' ').find((term) => term.startsWith('include:')) ?? '';

/**
 * Returns true if a text can only have been meant for a record: an SPF record that includes ours.
 */
export function isMeantAsSpf(record: PublishedRecord, text: string): boolean {
  const include = record.type === 'TXT' ? includeOf(record) : '';
  return include === '' ? text === record.value : text.toLowerCase().split(' ').includes(include);
}

/** Returns the fault in the grammar of a record; undefined where there is none. */
export function syntaxError(text: string): string | undefined {
  try {
    parseSpf(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The SPF records among the texts at a name, without quotes and the like where those break one. */
export function spfAmong(values: readonly string[]): readonly string[] {
  const records = values.filter(isSpfRecord);
  if (records.length === 0) return values.map(withoutPastedArtefacts).filter(isSpfRecord);
  return records.map((text) =>
    syntaxError(text) === undefined ? text : withoutPastedArtefacts(text),
  );
}

/**
 * Removes the includes of earlier claims of the domain, each of which costs a lookup for nothing.
 */
export const withoutOld = (text: string, { zone, old }: Pick<Setting, 'zone' | 'old'>): string =>
  text
    .split(' ')
    .filter((term) => !labelsIn(term, zone).some((label) => old?.has(label)))
    .join(' ');

const isAll = (term: string): boolean => /^[-~?]?all$/.test(term);

/** Returns true if our include is in a record where it counts: before `all` (RFC 7208 §5.1). */
export function isIncluded(include: string, terms: readonly string[]): boolean {
  const all = terms.findIndex(isAll);
  return terms.includes(include) && (all < 0 || terms.indexOf(include) < all);
}

/**
 * The one record that says what those at a name say, with our include once where it counts; a record
 * that has it so stays as it is. An include of ours with the customer's domain appended goes.
 *
 * @param texts SPF records that keep to the grammar, at least one
 * @param include as a term, lower case
 */
export function correctedSpf(texts: readonly string[], include: string, domain: string): string {
  const [text = '', ...more] = texts;
  const terms = termsOf(text);
  const once = terms.filter((term) => term === include).length === 1;
  if (more.length === 0 && once && isIncluded(include, terms)) return text;
  const isAppended = (term: string): boolean => normalTerm(term) === `${include}.${domain}`;
  const kept = texts.map((one) =>
    one
      .split(/ +/)
      .filter((term) => !isAppended(term))
      .join(' '),
  );
  return withInclude(kept, include.slice('include:'.length));
}
