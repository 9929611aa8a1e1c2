import { composeDmarc, isDisposition, parseDmarc, tagsOf } from '../../../dmarc/record.ts';
import { isNoStricter } from '../../../dmarc/enforcement.ts';
import { markedChange } from '../../marked-change.ts';
import { dmarcReading, knownTags } from './reading.ts';

/** A customer's own record with its mistakes corrected, and what that changes. */
export interface CorrectedDmarc {
  readonly value: string;
  /** The sentences for the hint. */
  readonly change: string;
}

/**
 * Returns the record to put in the place of one with mistakes: what was meant, except that no
 * receiver is stricter than it is today, when it reads none or only a part of it.
 *
 * @param text the one record at the name
 * @returns undefined where the text has no reading, or the corrected record does not prove itself
 */
export function correctedDmarc(text: string): CorrectedDmarc | undefined {
  const meant = dmarcReading(text);
  if (meant === undefined) return undefined;
  const value = isNoStricter(meant, text) ? meant : atMostNone(meant);
  if (value === undefined || !isProvenDmarc(text, value)) return undefined;
  const marked = markedChange([text], value, /[; ]+/);
  const change = marked === undefined ? '' : ` (that is ${marked})`;
  const milder =
    value === meant
      ? ''
      : ` It starts with p=none, since receivers apply nothing today: what was meant (${requestsOf(meant)}) would refuse or quarantine mail that arrives now. Raise it once the reports show that your own mail passes.`;
  return { value, change: `Change it to: ${value}${change}.${milder}` };
}

/**
 * Returns true if a corrected record is one that receivers of either RFC read, no receiver is
 * stricter by it, and it has every report address that was meant.
 */
export function isProvenDmarc(before: string, after: string): boolean {
  const record = parseDmarc(after);
  const meant = parseDmarc(dmarcReading(before) ?? '');
  if (record === undefined || meant === undefined) return false;
  const keepsAddresses = [...meant.rua, ...meant.ruf].every((uri) =>
    [...record.rua, ...record.ruf].includes(uri),
  );
  return (
    keepsAddresses &&
    faultyTag(after) === undefined &&
    unreadAddress(after) === undefined &&
    isNoStricter(after, before)
  );
}

/** Returns the tag whose value makes a record ask for nothing (RFC 9989 §4.10.1). */
export function faultyTag(text: string): string | undefined {
  const stated = tagsOf(text);
  return ['p', 'sp', 'np']
    .filter((name) => stated.has(name) && !isDisposition(stated.get(name)!.toLowerCase()))
    .map((name) => `${name}=${stated.get(name)}`)[0];
}

/**
 * Returns a report address that receivers do not read: without `mailto:`, with a space in it, or
 * behind a semicolon.
 */
export function unreadAddress(text: string): string | undefined {
  const [, ...parts] = text.split(';').map((part) => part.trim());
  const stray = parts.filter((part) => part.includes('@') && !/^[a-z]+[ \t]*=/i.test(part));
  const tags = tagsOf(text);
  const stated = [tags.get('rua'), tags.get('ruf')].flatMap((value) => value?.split(',') ?? []);
  const unread = stated.map((one) => one.trim()).filter((one) => one !== '' && !isReportUri(one));
  return [...unread, ...stray][0];
}

/** Returns true if a URI is one that receivers can report to: of the scheme `mailto`, an address. */
const isReportUri = (uri: string): boolean =>
  /^mail/i.test(uri)
    ? /^mailto:(?!mailto:|\/\/)[^@\s<>\\]+@[^@\s<>]+\.[a-z\d-]+(?:!\d+[kmgt]?)?$/i.test(uri)
    : /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(uri);

const nameOf = (part: string): string =>
  part
    .split('=')[0]!
    .replace(/[ \t]+$/, '')
    .toLowerCase();

/**
 * Returns a part of a DMARC record that receivers skip, or do not agree about, though it was meant as
 * a tag: `p:reject`, `pct=50%`, a tag that is there twice.
 */
export function unreadTag(text: string): string | undefined {
  const [, ...parts] = text.split(';').map((part) => part.replaceAll(/^[ \t]+|[ \t]+$/g, ''));
  const twice = ['p', 'sp', 'np'].find(
    (name) => new Set(parts.filter((part) => nameOf(part) === name)).size > 1,
  );
  if (twice !== undefined) return parts.filter((part) => nameOf(part) === twice).join('; ');
  const [read, meant] = [parseDmarc(text), parseDmarc(dmarcReading(text) ?? text)];
  const asRead = (record: typeof read) =>
    JSON.stringify([
      [record?.p, record?.sp, record?.np, record?.pct],
      [record?.rua, record?.ruf].map((uris) => uris?.join(',').toLowerCase()),
    ]);
  if (asRead(read) === asRead(meant)) return undefined;
  return (
    parts.find((part) => part !== '' && !knownTags.has(nameOf(part))) ??
    parts.find((part) => /^pct/i.test(part)) ??
    parts.find((part) => /^ru[af]/i.test(part))
  );
}

/** Says, as part of a sentence, what is wrong with a tag that is no policy. */
export function whyFaulty(tag: string): string {
  const next = /[\s,]+([a-z]+)[ \t]*=/i.exec(tag.slice(tag.indexOf('=') + 1));
  if (next === null) return 'it is not none, quarantine or reject';
  const comma = /,/.test(next[0]);
  return comma
    ? `it has a comma where a semicolon belongs, before "${next[1]}="`
    : `it lacks a semicolon before "${next[1]}="`;
}

/** The record with every request at its mildest; other tags stay as they are. */
const atMostNone = (record: string): string =>
  record
    .split('; ')
    .filter((tag) => !/^(?:sp|np|pct)=/.test(tag))
    .map((tag) => (tag.startsWith('p=') ? 'p=none' : tag))
    .join('; ');

const requestsOf = (record: string): string => {
  const { p, sp, np } = parseDmarc(record) ?? { p: 'none' as const };
  return composeDmarc({ p, ...(sp && { sp }), ...(np && { np }) }).replace('v=DMARC1; ', '');
};
