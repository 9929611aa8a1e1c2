import { COLON, CR, LF, SP, TAB } from '#shared/mail/octets.ts';
import type { HeaderField } from '#shared/mail/parse.ts';

/**
 * Writes a header field in relaxed form (RFC 6376 §3.4.2): name in lower case, unfolded, runs of
 * white space as one space, none around the value, a CRLF at the end.
 *
 * @param to where in `output` to begin; it needs room for the field's length and 2 octets
 * @returns just past the last octet written
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
    if (octet === SP || octet === TAB) {
      whiteSpace = true;
    } else if (octet !== LF && !(octet === CR && isLineEnd(bytes, at))) {
      if (whiteSpace && out > valueStart) output[out++] = SP;
      whiteSpace = false;
      output[out++] = octet;
    }
  }
  output[out++] = CR;
  output[out++] = LF;
  return out;
}

/** Whether the CR at `at` is half of a line end; a bare one is an octet like any other. */
function isLineEnd(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 1] === LF;
}
