import { parseIp4, parseIp6 } from '../../../spf/ip-address.ts';
import { isSpfRecord, MAX_RECORD_LENGTH, parseSpf } from '../../../spf/record.ts';
import { plainText, strangeCharacters } from '../../plain-text.ts';

/** `v=spf1` as people write it; not Sender ID's `spf2.0/pra`. */
const version = /^(?:v\s*[=:]?\s*)?spf\s*-?\s*(?:v\s*)?(?:1(?!\d)|(?![\d.]))/i;
const withoutVersion = /^[+?~-]?(?:include|ip4|ip6|a|mx)\b.*\s[+?~-]all$/i;
const names = 'include|exists|ip4|ip6|redirect';

/** Returns true if a text can only have been meant as an SPF record, whether receivers read it or not. */
export function resemblesSpf(text: string): boolean {
  if (isSpfRecord(text)) return true;
  if (text.length > MAX_RECORD_LENGTH) return false;
  const plain = spaced(plainText(text));
  if (/^v\s*[=:]?\s*spf/i.test(plain) || withoutVersion.test(plain)) return true;
  // "spf" alone begins other texts too.
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
  const terms = joinedParts(whole)
    .split(' ')
    .filter((term, index) => term !== '' && (index === 0 || term.toLowerCase() !== 'v=spf1'))
    .map(corrected);
  const reading = terms.join(' ');
  return isSpfRecord(reading) && spfFault(reading) === undefined ? reading : undefined;
}

/** Commas and semicolons become spaces; those within a macro stay. */
const spaced = (text: string): string =>
  text.replaceAll(/%\{[^}]*\}|[,;]/g, (part) => (part.startsWith('%') ? part : ' '));

/** Puts each term's parts together, and terms that were run together apart. */
const joinedParts = (text: string): string =>
  text
    .replaceAll(/([+?~-]) +(?=(?:all|include|ip4|ip6|a|mx)\b)/gi, '$1')
    .replaceAll(/\bip(?:v([46]))? *[:=] */gi, (_, family: string) => `ip${family ?? '4'}:`)
    .replaceAll(new RegExp(`\\b(${names}|exp) *[:=] *`, 'gi'), (_, name: string) => withSign(name))
    .replaceAll(/(^|[ +?~-])(a|mx|ptr) *[:=] *(?=[^ ])/gi, '$1$2:')
    .replaceAll(
      /\b(include|exists|ip4|ip6) +(?=[^ :=]*[.:])(?!\S*(?:include|exists|ip[46])[:=])/gi,
      '$1:',
    )
    .replaceAll(new RegExp(`([^ +?~-])([+?~-]?(?:${names})[:=])`, 'gi'), '$1 $2')
    .replaceAll(/([^ ])([~?+]all)(?= |$)/gi, '$1 $2')
    .split(' ')
    .map((term) => (/[:.].*-all$/i.test(term) ? `${term.slice(0, -4)} ${term.slice(-4)}` : term))
    .join(' ');

const withSign = (name: string): string =>
  /^(?:redirect|exp)$/i.test(name) ? `${name}=` : `${name}:`;

/** One term with the mechanism that its value belongs to. */
function corrected(term: string): string {
  const [, sign = '', name = '', value = ''] =
    /^([+?~-]?)(?:(include|exists|a|mx|ip4|ip6):)?(.*)$/is.exec(term) ?? [];
  const bare = value.replace(/^https?:\/\//i, '').replace(/\/$/, '');
  const family = familyOf(bare.replace(/\.$/, ''));
  if (family !== undefined && !/^exists$/i.test(name)) {
    return name.toLowerCase() === family
      ? `${sign}${name}:${bare}`
      : `${sign}${family}:${bare.replace(/\.$/, '')}`;
  }
  return name === '' ? term : `${sign}${name}:${bare}`;
}

/** The mechanism that an address or network is the value of. */
function familyOf(network: string): 'ip4' | 'ip6' | undefined {
  const [address = ''] = network.split('/');
  if (parseIp4(address) !== undefined) return 'ip4';
  return parseIp6(address) === undefined || !address.includes(':') ? undefined : 'ip6';
}

/** Returns what in an SPF record receivers cannot read; undefined where there is nothing of the kind. */
export function spfFault(text: string): string | undefined {
  const unknown = text
    .split(' ')
    .find((term) => /^(?:include|exists|ip4|ip6|a|mx|ptr)=/i.test(term));
  try {
    const { mechanisms, redirect } = parseSpf(text);
    // To the grammar it is a modifier of a name that means nothing (RFC 7208 §6).
    if (unknown !== undefined) return `"${unknown}" has "=" where a colon belongs`;
    const run = new RegExp(`[^+?~-](?:${names})[:=]`, 'i');
    const terms = [...mechanisms.map((one) => one.text), redirect ?? ''];
    const joined = terms.find((term) => run.test(term));
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
