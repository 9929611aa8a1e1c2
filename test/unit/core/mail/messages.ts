import * as fc from 'fast-check';

/** Octets made of what the syntax of messages turns on, with some of any kind between. */
export const octetsOf = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\0',
        ' ',
        '\t',
        ':',
        'A: 1\r\n',
        'b',
        '\r\n\r\n',
        '\n\n',
        'x'.repeat(40),
      ),
      fc.integer({ min: 0, max: 255 }).map((octet) => String.fromCharCode(octet)),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

/** The octets in chunks whose sizes go round. */
export function inChunks(octets: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < octets.length;) {
    const size = sizes[chunks.length % sizes.length]!;
    chunks.push(octets.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

export const chunkSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
