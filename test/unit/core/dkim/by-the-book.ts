import * as fc from 'fast-check';

// The canonicalizations as RFC 6376 words them, one sentence a step, on the whole body at once: what
// the block-wise ones are held against.

function withCrlf(body: Buffer): string {
  return body.toString('latin1').replace(/(?<!\r)\n/g, '\r\n');
}

/** §3.4.4: white space at line ends ignored, runs reduced to one space, empty lines at the end ignored. */
export function relaxedByTheBook(body: Buffer): Buffer {
  const lines = withCrlf(body)
    .split('\r\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
}

/** §3.4.3: empty lines at the end reduced to a single CRLF, which is added where there is none. */
export function simpleByTheBook(body: Buffer): Buffer {
  const lines = withCrlf(body).split('\r\n');
  while (lines.at(-1) === '') lines.pop();
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
}

/** Bodies of up to a few hundred octets, made of what canonicalization turns on and of longer plain runs. */
export const bodyOf = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          ' ',
          '\t',
          '\r\n',
          '\n',
          '\r',
          '\r\r\n',
          '  ',
          ' \r\n',
          '\0',
          '\u00a0',
          '\f',
          'a',
        ),
      },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 40 }).map((length) => 'x'.repeat(length)) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 0, max: 255 }).map((octet) => String.fromCharCode(octet)),
      },
    ),
    { maxLength: 40 },
  )
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
