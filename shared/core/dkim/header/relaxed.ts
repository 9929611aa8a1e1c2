import { COLON, CR, LF, SP, TAB } from '../../mail/octets.ts';
import type { HeaderField } from '../../mail/parse.ts';

/**
 * Writes a header field in relaxed form (RFC 6376 §3.4.2): name in lower case, unfolded, runs of
 * white space as one space, none around the value, a CRLF at the end.
 *
 * @param to start offset in `output`; it needs room for the field's length and 2 octets
 * @returns the offset just past the last octet written
 */
export function writeRelaxedField(
  bytes: Uint8Array,
  field: HeaderField,
  output: Uint8Array,
  to: number,
): number {
  let out = to;
  for (let at = field.start; at < field.nameEnd; at += 1) {
    const octet = bytes[at] as number;
    output[out++] = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
  }
  output[out++] = COLON;
  const valueStart = out;
  let whiteSpace = false;
  for (let at = field.valueStart; at < field.end; at += 1) {
    const octet = bytes[at] as number;
    if (octet > SP || !isFoldable(octet, bytes, at)) {
      if (whiteSpace && out > valueStart) output[out++] = SP;
      whiteSpace = false;
      output[out++] = octet;
    } else if (octet === SP || octet === TAB) {
      whiteSpace = true;
    }
  }
  output[out++] = CR;
  output[out++] = LF;
  return out;
}

/** White space and line ends; a CR without its LF is an octet like any other. */
function isFoldable(octet: number, bytes: Uint8Array, at: number): boolean {
  if (octet === CR) return bytes[at + 1] === LF;
  return octet === SP || octet === TAB || octet === LF;
}
