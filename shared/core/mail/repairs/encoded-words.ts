import { encodeWord } from 'nodemailer/lib/mime-funcs';

/** A piece of a text that is displayed with the others: a word, or what must stay as it is. */
export interface Word {
  /** The octets as written. */
  readonly written: string;
  /** What a reader sees of it: a quoted string without its quotes. */
  readonly text: string;
  /** White space before it, as written. */
  readonly space: string;
  /** An encoded word, or a comment: it stays as it is. */
  readonly fixed: boolean;
}

/** An encoded word (RFC 2047 §2). */
const ENCODED_WORD = /^=\?[!-~]+\?[bq]\?[!->@-~]*\?=$/i;
/** Leaves room for the field's name on the first line (RFC 2047 §2: at most 76). */
const LONGEST_WORD = 60;

export const isEncodedWord = (text: string): boolean => ENCODED_WORD.test(text);

export const isBeyondAscii = (text: string): boolean => /[^\0-\x7f]/.test(text);

/**
 * Writes words as encoded words (RFC 2047) where they hold characters beyond ASCII. What a reader
 * sees stays the same: white space between two encoded words is not shown, so it goes into one.
 *
 * @param words of unstructured text, or of a phrase
 * @param whole true for a phrase, whose other words may need quotes that a reader does not see
 */
export function encodeWords(words: readonly Word[], whole: boolean): string {
  let output = '';
  for (let at = 0; at < words.length;) {
    const word = words[at] as Word;
    if (word.fixed) {
      output += word.space + word.written;
      at += 1;
      continue;
    }
    let end = at;
    while (end < words.length && !(words[end] as Word).fixed) end += 1;
    output += encodeRun(words, at, end, whole);
    at = end;
  }
  return output;
}

/** Encodes the words from `from` to `to`, of which none is fixed. */
function encodeRun(words: readonly Word[], from: number, to: number, whole: boolean): string {
  const run = words.slice(from, to);
  const asWritten = (some: readonly Word[]) =>
    some.map((word) => word.space + word.written).join('');
  const first = run.findIndex(({ text }) => isBeyondAscii(text));
  if (first < 0) return asWritten(run);
  const start = whole ? 0 : first;
  const end = whole ? run.length : run.findLastIndex(({ text }) => isBeyondAscii(text)) + 1;
  const encoded = run.slice(start, end);
  let text = encoded.map((word, i) => (i === 0 ? '' : word.space) + word.text).join('');
  const space = (encoded[0] as Word).space;
  // White space to an encoded word that was there already would not be shown.
  if (start === 0 && isEncodedWord(words[from - 1]?.written ?? '')) text = space + text;
  const next = words[to];
  if (end === run.length && isEncodedWord(next?.written ?? '')) text += next?.space ?? '';
  const separator = space === '' && start > 0 ? ' ' : space;
  return asWritten(run.slice(0, start)) + separator + fold(text) + asWritten(run.slice(end));
}

/** Encoded words, each on a line of its own. */
const fold = (text: string): string =>
  encodeWord(text, 'Q', LONGEST_WORD).replaceAll('?= =?', '?=\r\n =?');
