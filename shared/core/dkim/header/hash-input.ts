import { COLON } from '../../mail/octets.ts';
import type { HeaderField, ParsedHeader } from '../../mail/parse.ts';
import { writeRelaxedField } from './relaxed.ts';
import { writeSimpleField } from './simple.ts';

/**
 * The octets that a signature is made over (RFC 6376 §3.7): the signed fields in canonical form,
 * then the DKIM-Signature field with an empty `b=` and without a line end.
 *
 * @param signature the DKIM-Signature field with an empty `b=`
 */
export function headerHashInput(
  header: ParsedHeader,
  signed: readonly HeaderField[],
  signature: Buffer,
  canonicalization: 'relaxed' | 'simple',
): Buffer {
  const write = canonicalization === 'relaxed' ? writeRelaxedField : writeSimpleField;
  const colon = signature.indexOf(COLON);
  const own = { name: '', start: 0, nameEnd: colon, valueStart: colon + 1, end: signature.length };
  let room = signature.length + 2;
  for (const field of signed) room += field.end - field.start + 2;
  const output = Buffer.allocUnsafe(room);
  let to = 0;
  for (const field of signed) to = write(header.bytes, field, output, to);
  to = write(signature, own, output, to);
  return output.subarray(0, to - 2);
}
