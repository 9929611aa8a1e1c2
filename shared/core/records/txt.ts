/**
 * TXT values in Route 53's form: quoted strings of at most 255 octets (RFC 1035 §3.3.14), at most
 * 4,000 characters in all. A backslash escapes `"` and `\`, and with three octal digits every octet
 * that is not printable ASCII. A text here is a string of octets: one character each, U+0000 to
 * U+00FF.
 */

/** Octets of one character-string (RFC 1035 §3.3). */
const MAX_STRING_OCTETS = 255;
/** Characters of a TXT value as quoted, by Route 53's limit. */
const MAX_VALUE_CHARACTERS = 4_000;

/** A text that no TXT record of Route 53 can hold; trying again cannot help. */
export class TxtUnfit extends Error {
  constructor(text: string, why: string) {
    super(`the TXT value "${text.slice(0, 40)}..." cannot be published: ${why}`);
    this.name = 'TxtUnfit';
  }
}

/**
 * Splits, quotes and escapes a text: `v=spf1 -all` becomes `"v=spf1 -all"`.
 *
 * @throws TxtUnfit where the value would be over 4,000 characters, or a character is no octet
 */
export function encodeTxt(text: string): string {
  const strings: string[] = [];
  for (let start = 0; start < text.length || start === 0; start += MAX_STRING_OCTETS) {
    strings.push(quote(text, text.slice(start, start + MAX_STRING_OCTETS)));
  }
  const value = strings.join(' ');
  if (value.length > MAX_VALUE_CHARACTERS) {
    throw new TxtUnfit(
      text,
      `as quoted it has ${value.length} characters and Route 53 takes ${MAX_VALUE_CHARACTERS}`,
    );
  }
  return value;
}

function quote(text: string, part: string): string {
  let quoted = '"';
  for (const character of part) {
    const octet = character.charCodeAt(0);
    if (octet > 0xff) throw new TxtUnfit(text, `"${character}" is not a single octet`);
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else if (octet >= 0x20 && octet <= 0x7e) quoted += character;
    else quoted += `\\${octet.toString(8).padStart(3, '0')}`;
  }
  return `${quoted}"`;
}

const quotedString = /"((?:[^"\\]|\\[0-3][0-7]{2}|\\[^0-7])*)"/y;
const betweenStrings = /[ \t]*/y;

/**
 * The text of a value that Route 53 lists: its strings unescaped and joined.
 *
 * @throws SyntaxError where it is not a sequence of quoted strings
 */
export function decodeTxt(value: string): string {
  let text = '';
  let position = 0;
  do {
    quotedString.lastIndex = position;
    const found = quotedString.exec(value);
    if (found === null) {
      throw new SyntaxError(`not a quoted TXT string at character ${position}: ${value}`);
    }
    text += unescape(found[1] as string);
    betweenStrings.lastIndex = quotedString.lastIndex;
    betweenStrings.exec(value);
    position = betweenStrings.lastIndex;
  } while (position < value.length);
  return text;
}

const unescape = (quoted: string) =>
  quoted.replaceAll(/\\(?:([0-3][0-7]{2})|(.))/gs, (_, octal: string | undefined, plain: string) =>
    octal === undefined ? plain : String.fromCharCode(Number.parseInt(octal, 8)),
  );
