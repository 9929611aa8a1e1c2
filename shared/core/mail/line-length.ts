import { LF } from './octets.ts';

/** RFC 5322 §2.1.1; Amazon SES counts the CRLF and says 1,000. */
export const MAX_LINE = 998;

/**
 * Returns where a line of more than `MAX_LINE` octets begins, or -1. Searches backwards from the
 * furthest place where the line end may be, so that most octets are never read.
 *
 * @param raw with CRLF line ends
 */
export function findLongLine(raw: Buffer): number {
  let start = 0;
  while (raw.length - start > MAX_LINE) {
    const lineEnd = raw.subarray(start, start + MAX_LINE + 2).lastIndexOf(LF);
    if (lineEnd < 0) return start;
    start += lineEnd + 1;
  }
  return -1;
}
