import { isAscii, isUtf8 } from 'node:buffer';
import type { HeaderField } from '../parse.ts';
import { encodeWords, isBeyondAscii, isEncodedWord, type Word } from './encoded-words.ts';

/** Fields of addresses, and those with a phrase before an angle bracket. */
export const ADDRESS_FIELDS: ReadonlySet<string> = new Set([
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'errors-to',
  'disposition-notification-to',
  'return-receipt-to',
  'mail-followup-to',
  'mail-reply-to',
  'list-id',
]);

/** Fields of parameters (RFC 2045, 2183), which have an encoding of their own (RFC 2231). */
const PARAMETER_FIELDS = new Set(['content-type', 'content-disposition']);

/** Fields of tokens, addresses or URIs, in which no encoded word may stand (RFC 2047 §5). */
const STRUCTURED_FIELDS = new Set(
  `auto-submitted content-id content-location content-transfer-encoding date dkim-signature
  in-reply-to list-archive list-help list-owner list-post list-subscribe list-unsubscribe
  list-unsubscribe-post message-id mime-version received references return-path`.split(/\s+/),
);

/** A field whose text was encoded. */
export interface EncodedField {
  readonly bytes: Buffer;
  /** Its octets were not UTF-8, and were read as Latin-1. */
  readonly latin1: boolean;
}

/**
 * Encodes the octets beyond ASCII of a field: as encoded words in unstructured text, display names
 * and comments (RFC 2047), in parameters by RFC 2231. Text that is not UTF-8 is read as Latin-1, by
 * which all readers mean Windows-1252.
 *
 * @param bytes the header
 * @returns undefined where some cannot be encoded: in an address, say
 */
export function encodeField(bytes: Buffer, field: HeaderField): EncodedField | undefined {
  if (STRUCTURED_FIELDS.has(field.name)) return undefined;
  const value = bytes.subarray(field.valueStart, field.end);
  const latin1 = !isUtf8(value);
  const text = new TextDecoder(latin1 ? 'windows-1252' : 'utf-8', { ignoreBOM: true })
    .decode(value)
    .replaceAll(/\r\n/g, '');
  const encode = ADDRESS_FIELDS.has(field.name)
    ? encodeAddresses
    : PARAMETER_FIELDS.has(field.name)
      ? encodeParameters
      : encodeText;
  const name = bytes.toString('latin1', field.start, field.valueStart);
  const encoded = Buffer.from(`${name}${encode(text)}\r\n`);
  return isAscii(encoded) ? { bytes: encoded, latin1 } : undefined;
}

/** Unstructured text: words between white space. */
const encodeText = (text: string): string => encodeWords(splitWords(text), false);

const splitWords = (text: string): Word[] =>
  [...text.matchAll(/([ \t]*)([^ \t]+)/g)].map(([, space = '', written = '']) => ({
    written,
    text: written,
    space,
    fixed: isEncodedWord(written),
  }));

/** Comments, quoted strings, white space, specials and atoms (RFC 5322 §3.2). */
const PIECE = /"(?:[^"\\]|\\.)*"|[ \t]+|[<>,:;@]|[^ \t"<>,:;@(]+|./gsu;

/**
 * Encodes display names, group names and comments of an address list; text in angle brackets,
 * and bare addresses, stay as they are.
 */
function encodeAddresses(text: string): string {
  let output = '';
  let phrase: Word[] = [];
  let space = '';
  let inBrackets = false;
  const flush = (isPhrase: boolean): void => {
    output += isPhrase
      ? encodeWords(phrase, true)
      : phrase.map((word) => word.space + word.written).join('');
    output += space;
    phrase = [];
    space = '';
  };
  for (let at = 0; at < text.length;) {
    const comment = text[at] === '(' ? commentAt(text, at) : undefined;
    PIECE.lastIndex = at;
    const piece = comment ?? PIECE.exec(text)?.[0] ?? text.charAt(at);
    at += piece.length;
    if (inBrackets) {
      output += piece;
      inBrackets = piece !== '>';
    } else if (/^[ \t]/.test(piece)) {
      space += piece;
    } else if (piece === '<' || piece === ':') {
      flush(true);
      output += piece;
      inBrackets = piece === '<';
    } else if (piece === ',' || piece === ';') {
      flush(false);
      output += piece;
    } else {
      phrase.push(...wordsOf(piece, space, comment !== undefined));
      space = '';
    }
  }
  flush(false);
  return output;
}

function wordsOf(piece: string, space: string, isComment: boolean): Word[] {
  if (isComment) {
    const inside = piece.slice(1, -1).replaceAll(/\\(.)/gs, '$1');
    const written = isBeyondAscii(inside) ? `(${encodeText(inside)})` : piece;
    return [{ written, text: inside, space, fixed: true }];
  }
  const quoted = /^"(.*)"$/s.exec(piece)?.[1]?.replaceAll(/\\(.)/gs, '$1');
  if (quoted !== undefined && isBeyondAscii(quoted) && /=\?.*\?=/.test(quoted)) {
    // Readers show encoded words in quotes decoded, though RFC 2047 §5 has none there.
    return splitWords(quoted).map((word, i) => ({
      ...word,
      written: word.fixed ? word.written : `"${word.written.replaceAll(/["\\]/g, '\\$&')}"`,
      space: (i === 0 ? space : '') + word.space,
    }));
  }
  return [{ written: piece, text: quoted ?? piece, space, fixed: isEncodedWord(piece) }];
}

/** The comment that begins at `start`, with its parentheses (RFC 5322 §3.2.2); undefined where it is not closed. */
function commentAt(text: string, start: number): string | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    if (depth === 0) return text.slice(start, at + 1);
  }
  return undefined;
}

const PARAMETER = /;([ \t]*)([^\s=;"*]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^\s;"]+)/gs;

/** `; name="Grüße.pdf"` as `; name*=utf-8''Gr%C3%BC%C3%9Fe.pdf` (RFC 2231 §4). */
function encodeParameters(text: string): string {
  return text.replaceAll(PARAMETER, (whole, space: string, name: string, value: string) => {
    if (!isBeyondAscii(value)) return whole;
    const plain = /^"(.*)"$/s.exec(value)?.[1]?.replaceAll(/\\(.)/gs, '$1') ?? value;
    return `;${space}${name}*=utf-8''${percentEncoded(plain)}`;
  });
}

/** `attribute-char` of RFC 2231 §7 stays. */
const percentEncoded = (text: string): string =>
  [...Buffer.from(text)]
    .map((octet) => {
      const character = String.fromCharCode(octet);
      if (/[\w.!#$&+^`{|}~-]/.test(character)) return character;
      return `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
