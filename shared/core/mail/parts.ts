import { CR, LF } from './octets.ts';

/** The place of a part in the body of its multipart. */
export interface Part {
  /** Offset of its first octet. */
  readonly start: number;
  /** Offset just past its last octet; the line end there belongs to the delimiter. */
  readonly end: number;
}

/**
 * Finds the parts between the delimiter lines of a multipart (RFC 2046 §5.1.1). The last one may lack
 * its closing delimiter.
 *
 * @param body lines ended by CRLF or LF
 */
export function* partsIn(body: Buffer, boundary: string): Generator<Part> {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  let start: number | undefined;
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    if (at > 0 && body[at - 1] !== LF) continue;
    const rest = lineAfter(body, at + delimiter.length);
    if (rest === undefined) continue;
    if (start !== undefined) yield { start, end: beforeLineEnd(body, start, at) };
    if (rest.closes) return;
    start = rest.next;
  }
  if (start !== undefined) yield { start, end: body.length };
}

/**
 * Reads the rest of a boundary's line; undefined where it is the beginning of another, longer one.
 */
function lineAfter(body: Buffer, at: number): { closes: boolean; next: number } | undefined {
  const closes = body[at] === 0x2d && body[at + 1] === 0x2d;
  const lineEnd = body.indexOf(LF, at);
  const end = lineEnd < 0 ? body.length : lineEnd;
  const between = body.toString('latin1', closes ? at + 2 : at, Math.min(end, at + 100));
  // A closing delimiter ends the parts, even if some software adds text after it.
  return closes || between.trim() === '' ? { closes, next: end + 1 } : undefined;
}

/** The line end before a delimiter belongs to the delimiter. */
function beforeLineEnd(body: Buffer, start: number, at: number): number {
  const end = at - 1;
  return Math.max(start, body[end - 1] === CR ? end - 1 : end);
}
