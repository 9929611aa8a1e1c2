const invisible = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
const quotes = /\\?["'`\u00ab\u00bb\u2018-\u201f\u2032\u2033]/g;
const dashes = /[\u2010-\u2015\u2212]/g;
const tildes = /[\u02dc\u2053\u223c\u301c]/g;
const colons = /[\u02d0\u05c3\u2236\ua789]/g;
const brackets = /^[\s([{<=]+|[\s)\]}>]+$/g;
const zoneLine = /^(?:[\w.@-]+\s+)?(?:\d+\s+)?(?:IN\s+)?(?:TXT|SPF)\b[\s:=]*/;
/** The name that the record is at, or of the field of a form. */
const caption =
  /^(?:(?:@|_dmarc|spf|dmarc|txt|value|content|data|record)[\s:=]+|[\w-]+(?:\.[\w-]+)+\.?[\s:=]+(?=v?\s*[=:-]?\s*(?:s[pf]{2}|dm)))/i;

/**
 * Returns a text in plain characters: without the quotes, brackets, backslashes, typographic dashes,
 * invisible and full-width characters, and escapes that word processors, web pages, zone files and
 * forms leave in a record.
 */
export const plainText = (text: string): string =>
  unescaped(text)
    // Before NFKC, which makes a space and a combining tilde of the small one.
    .replaceAll(tildes, '~')
    .replaceAll(colons, ':')
    .normalize('NFKC')
    .replaceAll(invisible, '')
    // Octets that are no UTF-8: mostly the no-break space of Latin-1.
    .replaceAll(/[\s\ufffd]+/g, ' ')
    .replaceAll(quotes, '')
    .replaceAll(dashes, '-')
    .replaceAll(/(?<=[\w.])\\(?=\d{1,3}(?:[ ,;|]|$))/g, '/')
    .replaceAll('\\', '')
    .replaceAll(brackets, '')
    .replace(zoneLine, '')
    .replace(caption, '')
    .replaceAll(brackets, '');

const entities: Readonly<Record<string, string>> = {
  nbsp: ' ',
  quot: '"',
  apos: "'",
  semi: ';',
  colon: ':',
  equals: '=',
  amp: '&',
  lt: '<',
  gt: '>',
};

/** Of zone files, decimal, and of Route 53, octal; none of the characters has both forms in a record. */
const octets: Readonly<Record<string, string>> = {
  '032': ' ',
  '040': ' ',
  '059': ';',
  '073': ';',
  '034': '"',
  '042': '"',
  '126': '~',
  '176': '~',
};

/** Undoes the escapes of HTML, zone files, programs and URLs. */
function unescaped(text: string): string {
  const plain = text
    .replaceAll(/&#(?:x([\da-f]{2})|(\d{2,3}));/gi, (_, hex: string, decimal: string) =>
      String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
    )
    .replaceAll(/&([a-z]+);/g, (whole, name: string) => entities[name] ?? whole)
    .replaceAll(/\\(\d{3})/g, (whole, octet: string) => octets[octet] ?? whole)
    .replaceAll(/\\[nrt](?=[^a-z]|[a-z\d]+[\s:.=]|all|a\b|mx|ptr|spf|v\b|$)/gi, ' ');
  // A `%` elsewhere is a macro of SPF, or belongs to an address.
  const isOfUrl =
    /^\W*v(?:=|%3d)(?:spf|dmarc)1?(?:%20|%3b)/i.test(plain) ||
    (/%(?:20|3b)/i.test(plain) && !/[ ;]/.test(plain));
  return isOfUrl
    ? plain.replaceAll(/%([2-7][\da-f])/gi, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )
    : plain;
}

/** The characters that receivers do not read, by the name that a hint gives them. */
const named: readonly (readonly [RegExp, string])[] = [
  [/[\u00a0\u2000-\u200a\u202f\u205f\u3000\ufffd]/, 'a no-break space instead of a space'],
  [invisible, 'an invisible character'],
  [/["'`\u00ab\u00bb\u2018-\u201f\u2032\u2033]/, 'quotes'],
  [/^[([{<]|[)\]}>]$/, 'brackets'],
  [dashes, 'a long dash instead of a hyphen'],
  [tildes, 'another character instead of a tilde'],
  [colons, 'another character instead of a colon'],
  [/\\/, 'a backslash'],
  [/&#?\w+;|^\W*v=\w+%20/, 'an escape of a web page'],
  [/[\uff01-\uff5e]/, 'a full-width character'],
];

/** Names the characters of a text that a record cannot have, for a sentence. */
export const strangeCharacters = (text: string): string[] =>
  named.flatMap(([pattern, name]) => (text.search(pattern) < 0 ? [] : [name]));
