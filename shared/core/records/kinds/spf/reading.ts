import { isSpfRecord, MAX_RECORD_LENGTH, parseSpf } from '../../../spf/record.ts';
import { plainText, strangeCharacters } from '../../plain-text.ts';
import { meantTerms } from './written-terms.ts';

/** `v=spf1` as people write it; not Sender ID's `spf2.0/pra`. */
const version =
  /^(?:v\s*[=:-]?\s*)?(?:spf|sfp|psf|fsp)\s*-?\s*(?:v\s*)?(?:1(?!\d)|[2-9li](?= )|(?![\d.]))[:.+]*/i;
const withoutVersion =
  /^[+?~-]?(?:(?:include|ip4|ip6|exists):\S|redirect=\S|(?:a|mx)\b.*\s(?:[+?~-]all\b|(?:include|ip4|ip6):\S))/i;
const names = 'include|exists|ip4|ip6|redirect';

/** Returns true if a text can only have been meant as an SPF record, whether receivers read it or not. */
export function resemblesSpf(text: string): boolean {
  if (isSpfRecord(text)) return true;
  if (text.length > MAX_RECORD_LENGTH) return false;
  const plain = spaced(plainText(text)).trim();
  if (/^v\s*[=:-]?\s*spf/i.test(plain) || withoutVersion.test(plain)) return true;
  // "spf" alone begins other texts too, and letters that are exchanged may be another word.
  return version.test(plain) && /[\s,;](?:[+?~-]?all\b|(?:include|ip4|ip6)\s*[:=])/i.test(plain);
}

/**
 * Returns the SPF record that a text was meant to be, every sender kept: separators, colons and
 * prefixes as the grammar wants them (RFC 7208 §12).
 *
 * @returns undefined where it has no reading, or more than one
 */
export function spfReading(text: string): string | undefined {
  if (spfFault(text) === undefined && isSpfRecord(text)) return text;
  if (text.length > MAX_RECORD_LENGTH) return undefined;
  const plain = spaced(plainText(text)).replace(version, 'v=spf1 ').replaceAll(/ +/g, ' ').trim();
  const whole = /^v=spf1( |$)/.test(plain) ? plain : `v=spf1 ${plain}`;
  const reading = meantTerms(whole)
    .filter((term, index) => index === 0 || term.toLowerCase() !== 'v=spf1')
    .join(' ');
  return isSpfRecord(reading) && spfFault(reading) === undefined ? reading : undefined;
}

/** Commas, semicolons and bars become spaces; those within a macro stay. */
const spaced = (text: string): string =>
  text.replaceAll(/%\{[^}]*\}|[,;|]/g, (part) => (part.startsWith('%') ? part : ' '));

/** Returns what in an SPF record receivers cannot read; undefined where there is nothing of the kind. */
export function spfFault(text: string): string | undefined {
  const unknown = text
    .split(' ')
    .find((term) => /^(?:include|exists|ip4|ip6|a|mx|ptr)=/i.test(term));
  try {
    const { mechanisms, redirect } = parseSpf(text);
    // To the grammar it is a modifier of a name that means nothing (RFC 7208 §6).
    if (unknown !== undefined) return `"${unknown}" has "=" where a colon belongs`;
    const twice = text
      .split(' ')
      .find((term) => /^[+?~-]?(?:include|exists|a|mx|ptr)::/i.test(term));
    if (twice !== undefined) return `"${twice}" has two colons`;
    const run = new RegExp(`[^+?~-](?:${names})[:=]`, 'i');
    const terms = [...mechanisms.map((one) => one.text), redirect ?? ''];
    const hasAll = mechanisms.some(({ kind }) => kind === 'all');
    const joined = terms.find((term) => run.test(term) || (!hasAll && /[.]\S+-all$/i.test(term)));
    return joined && `"${joined}" is two terms without a space between them`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Says, as part of a sentence, why receivers do not take a text for an SPF record. */
export function whyUnrecognized(text: string): string {
  const plain = plainText(text);
  const faults = [
    ...strangeCharacters(text),
    ...(/[,;]/.test(plain) ? ['commas or semicolons, where SPF has spaces'] : []),
    ...(/^v=spf1(?:[ ,;]|$)/i.test(plain) ? [] : ['another beginning than "v=spf1" and a space']),
  ];
  return faults.length === 0 ? 'another beginning than "v=spf1" and a space' : faults.join(', ');
}
