import { withInclude } from '../../../spf/merge.ts';
import { isSpfRecord } from '../../../spf/record.ts';
import type { PublishedRecord } from '../../kind.ts';
import { labelsIn } from '../../labels.ts';
import type { Setting } from '../../setting.ts';
import { resemblesSpf, spfFault, spfReading } from './reading.ts';

/** A term as it is compared: lower case, without `+` and a trailing dot. */
export const normalTerm = (term: string): string =>
  term.toLowerCase().replace(/^\+/, '').replace(/\.$/, '');

/** Returns the id of the tree of what is suggested beside a record that is right as it is. */
export const suggestionOf = (id: string): string => `${id} suggested`;

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
  // A CNAME to ours, where a TXT record that includes it belongs.
  if (include !== '' && text === include.slice('include:'.length)) return true;
  return include === '' ? text === record.value : text.toLowerCase().split(' ').includes(include);
}

/**
 * The SPF records among the texts at a name, as they were meant. A text without a reading stays as it
 * is; beside a record that receivers read it does not count.
 */
export function spfAmong(values: readonly string[]): readonly string[] {
  const isRead = values.some(isSpfRecord);
  return values
    .filter(resemblesSpf)
    .map((text) => spfReading(text) ?? text)
    .filter((text) => !isRead || isSpfRecord(text));
}

/** Returns the texts that were meant as SPF, and that receivers do not take for it. */
export const unreadSpf = (values: readonly string[]): readonly string[] =>
  values.filter((text) => resemblesSpf(text) && !isSpfRecord(text));

/** Returns true if each text is an SPF record that keeps to the grammar. */
export const areReadable = (texts: readonly string[]): boolean =>
  texts.every((text) => isSpfRecord(text) && spfFault(text) === undefined);

/** Removes an include of, or a redirect to, the very name that the record is at: a loop. */
export const withoutSelf = (text: string, name: string): string =>
  text
    .split(' ')
    .filter((term) => !isSelf(term, name))
    .join(' ');

/** Returns true if a term leads back to the name that the record is at. */
export const isSelf = (term: string, name: string): boolean =>
  [`include:${name}`, `redirect=${name}`].includes(normalTerm(term).replace(/^[-~?]/, ''));

/**
 * Removes the includes of earlier claims of the domain, each of which costs a lookup for nothing.
 */
export const withoutOld = (text: string, { zone, old }: Pick<Setting, 'zone' | 'old'>): string =>
  text
    .split(' ')
    .filter((term) => !labelsIn(term, zone).some((label) => old?.has(label)))
    .join(' ');

const isAll = (term: string): boolean => /^[-~?]?all$/.test(normalTerm(term));

/** Returns the terms behind the first `all` that list senders: receivers ignore them (RFC 7208 §5.1). */
export function sendersBehindAll(text: string): readonly string[] {
  const terms = text.split(/ +/);
  const all = terms.findIndex(isAll);
  const isSender = (term: string): boolean => !/^[a-z][\w.-]*=/i.test(term) && !isAll(term);
  return all < 0 ? [] : terms.slice(all + 1).filter((term) => term !== '' && isSender(term));
}

/** Puts the senders behind the first `all` before it, since that is where they were meant to count. */
function withAllLast(text: string): string {
  const behind = sendersBehindAll(text);
  if (behind.length === 0) return text;
  const terms = text.split(/ +/);
  const all = terms.findIndex(isAll);
  const rest = terms.slice(all).filter((term) => !behind.includes(term));
  return [...terms.slice(0, all), ...behind, ...rest].join(' ');
}

/**
 * Returns true if a record leads to ours where that counts: by an include before `all` (RFC 7208
 * §5.1), or by a redirect.
 */
export function isIncluded(include: string, terms: readonly string[]): boolean {
  const all = terms.findIndex(isAll);
  // §6.1: a redirect counts where there is no "all".
  if (all < 0 && terms.includes(include.replace(/^include:/, 'redirect='))) return true;
  return terms.includes(include) && (all < 0 || terms.indexOf(include) < all);
}

/**
 * Returns true if a record of the customer's own lets every sender pass that the hosted record
 * lists: by the same mechanisms, before its `all`, so that it needs no include of ours.
 *
 * @param hosted the text that we host behind our include; undefined where that is not known
 */
export function listsSenders(text: string, hosted: string | undefined): boolean {
  if (hosted === undefined) return false;
  const terms = termsOf(text);
  const all = terms.findIndex(isAll);
  const own = new Set(all < 0 ? terms : terms.slice(0, all));
  const ours = termsOf(hosted).filter((term) => term !== 'v=spf1' && !isAll(term));
  return ours.length > 0 && ours.every((term) => own.has(term));
}

/** Returns the name that an include leads to. */
export const includedName = (include: string): string => include.slice('include:'.length);

/** Removes an include of ours that has the customer's domain appended: there is no such name. */
const withoutAppended = (text: string, include: string, domain: string): string =>
  text
    .split(/ +/)
    .filter((term) => normalTerm(term).replace(/^[-~?]/, '') !== `${include}.${domain}`)
    .join(' ');

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
  const once = terms.filter((term) => term === include).length <= 1;
  if (more.length === 0 && once && isIncluded(include, terms)) return text;
  const kept = texts.map((one) => withoutAppended(one, include, domain));
  return withInclude(kept, include.slice('include:'.length));
}

/**
 * The records at a name as far as they say who may send: senders behind `all` before it, and
 * without terms that loop, lead to an earlier claim, or are our include misspelled.
 *
 * @returns undefined where there is no SPF, or some of it has no reading
 */
export function ownRecords(
  record: Pick<PublishedRecord, 'name' | 'value'>,
  values: readonly string[],
  setting: Pick<Setting, 'zone' | 'old' | 'domain'>,
): readonly string[] | undefined {
  const texts = spfAmong(values);
  if (texts.length === 0 || !areReadable(texts)) return undefined;
  return texts.map((text) =>
    withoutAppended(
      withoutSelf(withoutOld(withAllLast(text), setting), record.name),
      includeOf(record),
      setting.domain,
    ),
  );
}

/** The one record that is to take the place of those at a name; undefined where some have no reading. */
export function suggestedSpf(
  record: Pick<PublishedRecord, 'name' | 'value'>,
  values: readonly string[],
  setting: Pick<Setting, 'zone' | 'old' | 'domain'>,
): string | undefined {
  const kept = ownRecords(record, values, setting);
  return kept && correctedSpf(kept, includeOf(record), setting.domain);
}
