import { MAX_LINE } from '../line-length.ts';
import { FF, LF } from '../octets.ts';

/** RFC 2045 §6.7 and §6.8: encoded lines are of at most 76 octets. */
const LINE = 76;
const EQUALS = 0x3d;
const LINE_END = Buffer.from('\r\n');
const SOFT_LINE_END = Buffer.from('=\r\n');

/** Wraps the long lines of base64, in which a line end or a form feed means nothing (RFC 2045 §6.8). */
export const rewrapBase64 = (body: Buffer): Buffer =>
  rewrap(replaceFormFeed(body, ''), LINE_END, () => LINE);

/** Puts soft line breaks into the long lines of quoted-printable (RFC 2045 §6.7, rule 5). */
export function rewrapQuotedPrintable(original: Buffer): Buffer {
  const body = replaceFormFeed(original, '=0C');
  return rewrap(body, SOFT_LINE_END, (at) => {
    // Not inside of `=XX`.
    if (body[at + LINE - 2] === EQUALS) return LINE - 2;
    return body[at + LINE - 3] === EQUALS ? LINE - 3 : LINE - 1;
  });
}

const replaceFormFeed = (body: Buffer, by: string): Buffer =>
  body.includes(FF) ? Buffer.from(body.toString('latin1').replaceAll('\f', by), 'latin1') : body;

/** @param lengthAt how many octets of the line at `at` come before the line end that is put in */
function rewrap(body: Buffer, lineEnd: Buffer, lengthAt: (at: number) => number): Buffer {
  const pieces: Buffer[] = [];
  let start = 0;
  while (start < body.length) {
    const found = body.indexOf(LF, start);
    const next = found < 0 ? body.length : found + 1;
    const end = found < 0 ? next : found - 1;
    let at = start;
    if (end - start > MAX_LINE) {
      while (end - at > LINE) {
        const length = lengthAt(at);
        pieces.push(body.subarray(at, at + length), lineEnd);
        at += length;
      }
    }
    pieces.push(body.subarray(at, next));
    start = next;
  }
  return Buffer.concat(pieces);
}
