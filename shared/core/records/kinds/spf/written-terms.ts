import { parseIp4, parseIp6 } from '../../../spf/ip-address.ts';

const names = 'include|exists|ip4|ip6|redirect';

/**
 * Returns the terms of an SPF record as people write them, each as the grammar wants it (RFC 7208
 * §12) where it has one reading. Others stay as they are.
 *
 * @param text in plain characters, with spaces between terms
 */
export const meantTerms = (text: string): string[] =>
  withoutComment(joinedParts(text).split(' ').filter(Boolean).map(corrected));

/** Puts each term's parts together, and terms that were run together apart. */
const joinedParts = (text: string): string =>
  text
    .replace(/ (?:#|\/\/).*$/, '')
    .replaceAll(/ (?:\|+|&+|and)(?= )/gi, ' ')
    .replaceAll(/([+?~-]) +(?=(?:all|include|ip4|ip6|a|mx)\b)/gi, '$1')
    .replaceAll(/\bip(?:v([46]))? *[:=] */gi, (_, family: string) => `ip${family ?? '4'}:`)
    .replaceAll(new RegExp(`\\b(${names}|exp) *[:=] *`, 'gi'), (_, name: string) => withSign(name))
    .replaceAll(/(^|[ +?~-])(a|mx|ptr) *[:=] *(?=[^ ])/gi, '$1$2:')
    // The preference of an MX record, which SPF has no place for.
    .replaceAll(/(^|[ +?~-])mx:\d{1,5} +(?=[a-z\d-]+\.)/gi, '$1mx:')
    .replaceAll(
      /\b(include|exists|ip4|ip6) +(?=[^ :=]*[.:])(?!\S*(?:include|exists|ip[46])[:=])/gi,
      '$1:',
    )
    .replaceAll(/([\w.:]) +(?=\/\d+(?: |$))/g, '$1')
    .replaceAll(new RegExp(`([^ +?~-])([+?~-]?(?:${names})[:=])`, 'gi'), '$1 $2')
    .replaceAll(/\+(?=[~?-]all(?: |$))/gi, ' ')
    .replaceAll(/([^ +?~-])([~?+]all)(?= |$)/gi, '$1 $2')
    .replaceAll(/(^| )([+?~-]?(?:a|mx|ptr))-all(?= |$)/gi, '$1$2 -all')
    .split(' ')
    .map((term) => (/[:.].*-all$/i.test(term) ? `${term.slice(0, -4)} ${term.slice(-4)}` : term))
    .join(' ');

const withSign = (name: string): string =>
  /^(?:redirect|exp)$/i.test(name) ? `${name}=` : `${name}:`;

const isWord = (term: string): boolean => /^(?!(?:mx|ptr|all)$)[a-z]{2,}[.!]?$/i.test(term);

/** Words behind `all` are a note of somebody. */
function withoutComment(terms: readonly string[]): string[] {
  const all = terms.findIndex((term) => /^[+?~-]?all$/i.test(term));
  return terms.filter((term, index) => all < 0 || index <= all || !isWord(term));
}

/** One term with the mechanism that its value belongs to. */
function corrected(written: string): string {
  const term = written
    .replace(/^([+?~-])\1+/, '$1')
    .replace(/^([+?~-])(?:al|alll+|aall|a11|a1l|al1|lal|ala|all[./]+)$/i, '$1all')
    .replace(/^([+?~-]?(?:a|mx|ptr)):(?=\/|$)/i, '$1');
  const [, sign = '', name = '', value = ''] =
    /^([+?~-]?)(?:([a-z][a-z\d]*)[:=])?(.*)$/is.exec(term) ?? [];
  if (value === '' || value.includes('%')) return term;
  const bare = withoutWrapping(value);
  const network = networkOf(bare);
  if (network !== undefined) {
    return /^exists$/i.test(name) ? `${sign}${name}:${bare}` : `${sign}${network}`;
  }
  if (name === '') return /^_[\w-]*\.[\w.-]+$/.test(bare) ? `${sign}include:${bare}` : term;
  if (/^ip[46]$/i.test(name) && isHostName(bare)) return `${sign}a:${bare}`;
  if (/^(?:include|exists|a|mx|ip4|ip6)$/i.test(name)) return `${sign}${name}:${bare}`;
  const meant = ['include', 'exists', 'redirect'].find((one) => isTypo(name, one));
  return meant === undefined ? term : `${sign}${withSign(meant)}${bare}`;
}

const withoutWrapping = (value: string): string =>
  value
    .replace(/^[<([{:]+(?=[^:])/, (marks) => (marks.endsWith('::') ? '::' : ''))
    .replace(/[>)\]}]+$/, '')
    .replace(/^https?:\/\//i, '')
    .replace(/\/$/, '');

const isHostName = (text: string): boolean => /^(?:[a-z\d-]+\.)+[a-z][a-z\d-]+\.?$/i.test(text);

/** The term of an address or network, as people write one; undefined where the text is none. */
function networkOf(text: string): string | undefined {
  const [, address = '', length = ''] =
    /^([\da-f.:*[\]]+?)\.?(?:[/\\](.+?)\.?)?$/i.exec(text) ?? [];
  const four = /^((?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})?$/.exec(address)?.[1];
  const whole = /^((?:\d{1,3}\.){1,3})\*(?:\.\*)*$/.exec(address)?.[1];
  if (whole !== undefined && length === '') {
    const known = whole.split('.').slice(0, -1);
    return networkOf(`${[...known, 0, 0, 0].slice(0, 4).join('.')}/${known.length * 8}`);
  }
  if (four !== undefined) {
    const plain = four.replaceAll(/(^|\.)0+([1-7])(?=\.|$)/g, '$1$2');
    const prefix = prefixOf(length);
    return parseIp4(plain) === undefined || prefix === undefined
      ? undefined
      : `ip4:${plain}${prefix}`;
  }
  const six = address.replace(/^\[(.*)\]$/, '$1');
  if (!six.includes(':') || parseIp6(six) === undefined) return undefined;
  return `ip6:${six}${length === '' ? '' : `/${length}`}`;
}

/** A prefix length, or the netmask that says the same, as it is written behind an address. */
function prefixOf(length: string): string | undefined {
  if (length === '') return '';
  const mask = parseIp4(length);
  if (mask === undefined) return `/${length}`;
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? `/${bits.replaceAll('0', '').length}` : undefined;
}

/** Returns true if a name is another one with a letter too many, too few, exchanged or wrong, or two. */
const isTypo = (name: string, meant: string): boolean =>
  Math.abs(name.length - meant.length) <= 2 && distance(name.toLowerCase(), meant) <= 2;

/** The fewest insertions, deletions and replacements between two short words (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split('').entries()) {
    const next = [index + 1];
    for (const [at, wanted] of other.split('').entries()) {
      const replaced = row[at]! + (letter === wanted ? 0 : 1);
      next.push(Math.min(replaced, row[at + 1]! + 1, next[at]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
