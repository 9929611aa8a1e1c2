import { CR, LF } from '../../mail/octets.ts';
import type { HeaderField } from '../../mail/parse.ts';

/**
 * Writes a header field in simple form (RFC 6376 §3.4.1): unchanged. A field that the end of the
 * message cut off gets its CRLF; bare LFs were normalised before.
 *
 * @param to start offset in `output`; it needs room for the field's length and 2 octets
 * @returns the offset just past the last octet written
 */
export function writeSimpleField(
  bytes: Uint8Array,
  field: HeaderField,
  output: Uint8Array,
  to: number,
): number {
  output.set(bytes.subarray(field.start, field.end), to);
  const out = to + field.end - field.start;
  if (bytes[field.end - 1] === LF) return out;
  output[out] = CR;
  output[out + 1] = LF;
  return out + 2;
}
