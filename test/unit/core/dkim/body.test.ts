import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLOCK, type BodyCanonicalization } from '#shared/core/dkim/body/block.ts';
import { bodyCanonicalization } from '#shared/core/dkim/body/canonicalization.ts';
import { BodyHash, hashBody } from '#shared/core/dkim/body/hash.ts';
import { RelaxedBody } from '#shared/core/dkim/body/relaxed.ts';
import { KernelRelaxedBody } from '#shared/core/dkim/body/relaxed-kernel.ts';
import { SimpleBody } from '#shared/core/dkim/body/simple.ts';
import { kernel } from '#shared/core/dkim/kernel/instance.ts';
import { normalizeLineEnds } from '#shared/core/mail/line-ends.ts';
import { isLong } from '../../../support/long.ts';
import { chunkSizes, inChunks } from '../mail/messages.ts';
import { bodyOf, relaxedByTheBook, simpleByTheBook } from './by-the-book.ts';

const sha256 = (octets: Buffer): string => createHash('sha256').update(octets).digest('base64');

const RANDOM_BODIES = isLong ? 100_000 : 5_000;
const simd = kernel();
const kinds: [string, () => BodyCanonicalization, (body: Buffer) => Buffer][] = [
  ['relaxed in TypeScript', () => new RelaxedBody(), relaxedByTheBook],
  ['relaxed on the kernel', () => new KernelRelaxedBody(simd!), relaxedByTheBook],
  ['simple', () => new SimpleBody(), simpleByTheBook],
];

/** Hashes a body in the given chunks. */
function hashInChunks(chunks: Buffer[], canonicalization: BodyCanonicalization): string {
  const hash = new BodyHash(canonicalization);
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest();
}

test('the machine that runs the tests has SIMD, so that the kernel is tested', () => {
  expect(simd).not.toBeNull();
});

// The canonical form of each body, by RFC 6376 §3.4.3 and §3.4.4.
const cases: [title: string, body: string, relaxed: string, simple: string][] = [
  ['empty', '', '', '\r\n'],
  ['only a line end', '\r\n', '', '\r\n'],
  ['only line ends', '\r\n\r\n\r\n', '', '\r\n'],
  ['only white space', ' \t ', '', ' \t \r\n'],
  ['lines of white space only', ' \r\n\t\r\n', '', ' \r\n\t\r\n'],
  ['trailing lines of white space', 'a\r\n \r\n\t \r\n', 'a\r\n', 'a\r\n \r\n\t \r\n'],
  ['no final line end', 'a', 'a\r\n', 'a\r\n'],
  ['no final line end, white space last', 'a \t', 'a\r\n', 'a \t\r\n'],
  ['runs of white space', 'a \t b\tc\r\n', 'a b c\r\n', 'a \t b\tc\r\n'],
  ['leading white space', ' \ta\r\n', ' a\r\n', ' \ta\r\n'],
  ['empty lines inside', 'a\r\n\r\n\r\nb\r\n', 'a\r\n\r\n\r\nb\r\n', 'a\r\n\r\n\r\nb\r\n'],
  [
    'the example of RFC 6376 §3.4.6',
    ' C \r\nD \t E\r\n\r\n\r\n',
    ' C\r\nD E\r\n',
    ' C \r\nD \t E\r\n',
  ],
  ['bare LF', 'a\nb \n\n', 'a\r\nb\r\n', 'a\r\nb \r\n'],
  ['bare CR', 'a\rb\r\n', 'a\rb\r\n', 'a\rb\r\n'],
  ['white space around a bare CR', 'a \r b\r\n', 'a \r b\r\n', 'a \r b\r\n'],
  ['CR CR LF', 'a\r\r\n', 'a\r\r\n', 'a\r\r\n'],
  ['a bare CR last', 'a \r', 'a \r\r\n', 'a \r\r\n'],
  ['only a CR', '\r', '\r\r\n', '\r\r\n'],
  ['line ends, then a CR', '\r\n\r\n\r', '\r\n\r\n\r\r\n', '\r\n\r\n\r\r\n'],
  ['LF CR', 'a\n\rb', 'a\r\n\rb\r\n', 'a\r\n\rb\r\n'],
  ['NUL', 'a\0 b\r\n', 'a\0 b\r\n', 'a\0 b\r\n'],
  ['8-bit', 'Grüße \r\n', 'Grüße\r\n', 'Grüße \r\n'],
  ['invalid UTF-8', '\u00ff', '\u00ff\r\n', '\u00ff\r\n'],
  [
    'NBSP, form feed and vertical tab, which are no white space',
    'a\u00a0\f\v\r\n',
    'a\u00a0\f\v\r\n',
    'a\u00a0\f\v\r\n',
  ],
  ['a space before a control character', 'a \x01b\r\n', 'a \x01b\r\n', 'a \x01b\r\n'],
];

describe.each(kinds)('%s', (name, fresh, byTheBook) => {
  test.each(cases)('%s', (_title, body, relaxed, simple) => {
    const expected = Buffer.from(name === 'simple' ? simple : relaxed, 'latin1');
    const octets = Buffer.from(body, 'latin1');
    expect(byTheBook(octets).toString('latin1')).toBe(expected.toString('latin1'));
    expect(hashBody(octets, fresh())).toBe(sha256(expected));
    // each octet a chunk of its own, so that each run of the case crosses an edge everywhere
    expect(
      hashInChunks(
        [...octets].map((octet) => Buffer.from([octet])),
        fresh(),
      ),
    ).toBe(sha256(expected));
  });

  test.each(cases)('%s, at every place around the edge of a block', (_title, body) => {
    const piece = Buffer.from(body, 'latin1');
    for (let before = BLOCK - piece.length - 20; before <= BLOCK + 1; before += 1) {
      const octets = Buffer.concat([Buffer.alloc(before, 'x'), piece, Buffer.from('y')]);
      expect(hashBody(octets, fresh()), `at ${before}`).toBe(sha256(byTheBook(octets)));
    }
  });

  test(`hashes ${RANDOM_BODIES} random bodies the same whole, in random chunks and by the book`, () => {
    fc.assert(
      fc.property(bodyOf, chunkSizes, (body, sizes) => {
        const expected = sha256(byTheBook(body));
        expect(hashBody(body, fresh())).toBe(expected);
        expect(hashInChunks(inChunks(body, sizes), fresh())).toBe(expected);
      }),
      { numRuns: RANDOM_BODIES },
    );
  });

  test('says of random bodies, whole and in random chunks, whether an LF has no CR before it', () => {
    const bodies = fc.oneof(
      bodyOf,
      bodyOf.map((body) => normalizeLineEnds(body)),
    );
    fc.assert(
      fc.property(bodies, chunkSizes, (body, sizes) => {
        const isBare = /(?<!\r)\n/.test(body.toString('latin1'));
        const [whole, chunked] = [fresh(), fresh()];
        hashBody(body, whole);
        hashInChunks(inChunks(body, sizes), chunked);
        expect([whole.bareLf, chunked.bareLf]).toEqual([isBare, isBare]);
      }),
      { numRuns: RANDOM_BODIES },
    );
  });

  test('is idempotent: the canonical form is its own canonical form', () => {
    fc.assert(
      fc.property(bodyOf, (body) => {
        expect(hashBody(byTheBook(body), fresh())).toBe(hashBody(body, fresh()));
      }),
    );
  });

  test.each([
    ['spaces', Buffer.alloc(1 << 20, ' ')],
    ['CRLFs', Buffer.alloc(1 << 20, '\r\n')],
    ['CRs', Buffer.alloc(1 << 20, '\r')],
    ['LFs', Buffer.alloc(1 << 20, '\n')],
    ['tabs and line ends by turns', Buffer.alloc(1 << 20, '\t\r\n')],
    ['spaces and CRs by turns', Buffer.alloc(1 << 20, ' \r')],
    ['letters between two spaces', Buffer.alloc(1 << 20, 'a  ')],
  ])('hashes 1 MB of %s by the book', (_title, body) => {
    expect(hashBody(body, fresh())).toBe(sha256(byTheBook(body)));
  });

  test('covers only the first octets where a limit is set', () => {
    const body = Buffer.from('hello \r\n\r\nworld\r\n\r\n');
    for (let limit = 0; limit <= 20; limit += 1) {
      const hash = new BodyHash(fresh(), limit);
      hash.update(body);
      const canonical = byTheBook(body);
      expect(hash.digest()).toBe(sha256(canonical.subarray(0, limit)));
      expect(hash.roomLeft).toBe(limit - canonical.length);
    }
  });
});

test('two bodies hashed by turns on one kernel do not disturb each other', () => {
  const first = new BodyHash(bodyCanonicalization('relaxed'));
  const second = new BodyHash(bodyCanonicalization('relaxed'));
  first.update(Buffer.from('a '));
  second.update(Buffer.from('b\r'));
  first.update(Buffer.from(' c'));
  second.update(Buffer.from('\n\r\n'));
  expect(first.digest()).toBe(sha256(Buffer.from('a c\r\n')));
  expect(second.digest()).toBe(sha256(Buffer.from('b\r\n')));
});

test('without SIMD the plain TypeScript takes over', () => {
  expect(bodyCanonicalization('relaxed', null)).toBeInstanceOf(RelaxedBody);
  expect(bodyCanonicalization('relaxed')).toBeInstanceOf(KernelRelaxedBody);
  expect(bodyCanonicalization('simple')).toBeInstanceOf(SimpleBody);
});
