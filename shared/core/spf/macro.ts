/** The values of macros (RFC 7208 §7.2). */
export interface MacroValues {
  /** `s`: the sender, always with a local part. */
  readonly sender: string;
  /** `d`: the domain whose record is evaluated. */
  readonly domain: string;
  /** `i`, `c`, `v` */
  readonly dottedIp: string;
  readonly readableIp: string;
  readonly ipZone: 'in-addr' | 'ip6';
  /** `h` */
  readonly helo: string;
  /** `r`, `t`: in explanations only. */
  readonly receiver: string;
  readonly epochSeconds: number;
  /** `p` */
  readonly validatedName: string;
}

const LITERAL = '[\\x21-\\x24\\x26-\\x7e]';
const EXPAND = '%(?:[%_-]|\\{[slodiphcrtv]\\d*r?[-.+,/_=]*\\})';
const EXPAND_IN_DOMAIN = '%(?:[%_-]|\\{[slodiphv]\\d*r?[-.+,/_=]*\\})';
// Each alternative begins with another character, so a text that does not match fails in linear
// time.
const macroString = new RegExp(`^(?:${LITERAL}|${EXPAND})*$`, 'i');
const macroStringInDomain = new RegExp(`^(?:${LITERAL}|${EXPAND_IN_DOMAIN})*$`, 'i');
const endsInMacro = /%\{[slodiphv]\d*r?[-.+,/_=]*\}$/i;

/** Returns true if a text is a `macro-string`. */
export const isMacroString = (text: string): boolean =>
  macroString.test(text) && !hasZeroDigits(text);

/**
 * Returns true if a text is a `domain-spec`: a macro string that ends in a top label or a macro.
 */
export const isDomainSpec = (text: string): boolean =>
  macroStringInDomain.test(text) &&
  (endsInMacro.test(text) || endsInTopLabel(text)) &&
  !hasZeroDigits(text);

/** RFC 7208 §7.1: a dot and a `toplabel`, which is letters, digits and inner hyphens, not digits alone. */
function endsInTopLabel(text: string): boolean {
  const end = text.endsWith('.') ? text.slice(0, -1) : text;
  const dot = end.lastIndexOf('.');
  const label = end.slice(dot + 1);
  return (
    dot >= 0 &&
    /^[a-z0-9-]+$/i.test(label) &&
    !/^\d+$/.test(label) &&
    !label.startsWith('-') &&
    !label.endsWith('-')
  );
}

/** "The DIGIT transformer ... MUST be nonzero" (RFC 7208 §7.3). */
const hasZeroDigits = (text: string): boolean => /%\{[a-z]0+r?[-.+,/_=]*\}/i.test(text);

/**
 * Returns true if a text depends on the sender: its macros cannot be expanded before there is a
 * mail.
 */
export const hasMacros = (text: string): boolean => text.includes('%');

/** Returns true if a text has the macro `p`, whose value takes DNS queries. */
export const wantsValidatedName = (text: string): boolean => /%\{p/i.test(text);

/** Expands the macros of a text that `isMacroString` or `isDomainSpec` accepted (RFC 7208 §7.3). */
export function expandMacros(text: string, values: MacroValues): string {
  let expanded = '';
  let from = 0;
  for (const match of text.matchAll(/%(?:([%_-])|\{([a-z])(\d*)(r?)([-.+,/_=]*)\})/gi)) {
    expanded += text.slice(from, match.index);
    from = match.index + match[0].length;
    expanded +=
      match[1] === undefined
        ? expandOne(match, values)
        : { '%': '%', _: ' ', '-': '%20' }[match[1]];
  }
  return expanded + text.slice(from);
}

function expandOne(match: RegExpExecArray, values: MacroValues): string {
  const [, , letter = '', digits = '', reverse = '', delimiters = ''] = match;
  const value = valueOf(letter.toLowerCase(), values);
  let parts = value.split(
    delimiters === '' ? '.' : new RegExp(`[${delimiters.replaceAll(/[-\]\\^]/g, '\\$&')}]`),
  );
  if (reverse !== '') parts = parts.toReversed();
  if (digits !== '') parts = parts.slice(-Number(digits));
  const joined = parts.join('.');
  return letter === letter.toLowerCase() ? joined : percentEncode(joined);
}

/** RFC 3986 §2.3: all but the unreserved characters, which leaves fewer than `encodeURIComponent` does. */
const percentEncode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function valueOf(letter: string, values: MacroValues): string {
  const at = values.sender.lastIndexOf('@');
  switch (letter) {
    case 's':
      return values.sender;
    case 'l':
      return values.sender.slice(0, at);
    case 'o':
      return values.sender.slice(at + 1);
    case 'd':
      return values.domain;
    case 'i':
      return values.dottedIp;
    case 'c':
      return values.readableIp;
    case 'v':
      return values.ipZone;
    case 'h':
      return values.helo;
    case 'r':
      return values.receiver;
    case 't':
      return String(values.epochSeconds);
    default:
      return values.validatedName;
  }
}
