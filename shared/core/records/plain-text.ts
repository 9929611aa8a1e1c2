const invisible = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
const quotes = /\\?["'`\u00ab\u00bb\u2018-\u201f\u2032\u2033]/g;
const dashes = /[\u2010-\u2015\u2212]/g;
const zoneLine = /^(?:[\w.@-]+\s+)?(?:\d+\s+)?(?:IN\s+)?(?:TXT|SPF)\b[\s:=]*/;

/**
 * Returns a text in plain characters: without the quotes, backslashes, typographic dashes, invisible
 * and full-width characters that word processors, web pages and forms leave in a record.
 */
export const plainText = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(invisible, '')
    // Octets that are no UTF-8: mostly the no-break space of Latin-1.
    .replaceAll(/[\s\ufffd]+/g, ' ')
    .replaceAll(quotes, '')
    .replaceAll(dashes, '-')
    .replaceAll('\\', '')
    .trim()
    .replace(zoneLine, '')
    .trim();

/** The characters that receivers do not read, by the name that a hint gives them. */
const named: readonly (readonly [RegExp, string])[] = [
  [/[\u00a0\u2000-\u200a\u202f\u205f\u3000\ufffd]/, 'a no-break space instead of a space'],
  [invisible, 'an invisible character'],
  [/["'`\u00ab\u00bb\u2018-\u201f\u2032\u2033]/, 'quotes'],
  [dashes, 'a long dash instead of a hyphen'],
  [/\\/, 'a backslash'],
  [/[\uff01-\uff5e]/, 'a full-width character'],
];

/** Names the characters of a text that a record cannot have, for a sentence. */
export const strangeCharacters = (text: string): string[] =>
  named.flatMap(([pattern, name]) => (text.search(pattern) < 0 ? [] : [name]));
