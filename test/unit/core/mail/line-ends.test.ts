import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kernel } from '#shared/core/dkim/kernel/instance.ts';
import { findLineEndFaults, normalizeLineEnds } from '#shared/core/mail/line-ends.ts';
import { octetsOf } from './messages.ts';

/** The same faults, found by regular expressions. */
function faultsByTheBook(raw: Buffer) {
  const text = raw.toString('latin1');
  return {
    nul: /\0/.exec(text)?.index,
    bareCr: /\r[^\n]/.exec(text)?.index,
    bareLfs: text.match(/(?<!\r)\n/g)?.length ?? 0,
  };
}

test('puts a CR before each bare LF and leaves the rest', () => {
  expect(normalizeLineEnds(Buffer.from('\na\nb\r\nc\rd\r\r\n\n')).toString()).toBe(
    '\r\na\r\nb\r\nc\rd\r\r\n\r\n',
  );
});

test('gives the very buffer back where there is nothing to do', () => {
  const raw = Buffer.from('A: 1\r\n\r\na\rb\r\n');
  expect(normalizeLineEnds(raw)).toBe(raw);
});

test('is idempotent', () => {
  fc.assert(
    fc.property(octetsOf, (raw) => {
      const normal = normalizeLineEnds(raw);
      expect(normal.toString('latin1')).toBe(raw.toString('latin1').replace(/(?<!\r)\n/g, '\r\n'));
      expect(normalizeLineEnds(normal)).toBe(normal);
    }),
  );
});

test('a chunk that goes on after a CR does not get another', () => {
  expect(normalizeLineEnds(Buffer.from('\nb'), 0x0d).toString()).toBe('\nb');
  expect(normalizeLineEnds(Buffer.from('\nb'), 0x61).toString()).toBe('\r\nb');
});

describe.each([
  ['on the kernel', kernel()],
  ['in plain TypeScript', null],
])('finds faults %s', (_title, simd) => {
  test('in random octets as regular expressions do', () => {
    fc.assert(
      fc.property(octetsOf, (raw) => {
        expect(findLineEndFaults(raw, 0, simd)).toEqual(faultsByTheBook(raw));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(['\r\n', '\n', '\r', '\0', '\r\r\n', '\n\r', '\r\0'])(
    'around the edge of a block: %j',
    (piece) => {
      for (let before = 65_536 - 20; before <= 65_537; before += 1) {
        const raw = Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from(`${piece}y`)]);
        expect(findLineEndFaults(raw, 0, simd)).toEqual(faultsByTheBook(raw));
      }
    },
  );

  test('after a CR in the chunk before', () => {
    expect(findLineEndFaults(Buffer.from('\nx'), 0x0d, simd)).toEqual({ bareLfs: 0 });
    expect(findLineEndFaults(Buffer.from('x'), 0x0d, simd)).toEqual({ bareCr: -1, bareLfs: 0 });
  });
});
