import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeLineEnds } from '#shared/core/mail/line-ends.ts';
import { type ParsedHeader, parseMessage } from '#shared/core/mail/parse.ts';
import { MessageSplitter } from '#shared/core/mail/split.ts';
import { chunkSizes, inChunks, octetsOf } from './messages.ts';

function split(chunks: Buffer[]): { header: ParsedHeader; body: Buffer } {
  const splitter = new MessageSplitter();
  const body = Buffer.concat(chunks.map((chunk) => splitter.push(chunk)));
  return { header: splitter.end(), body };
}

function shown({ header, body }: { header: ParsedHeader; body: Buffer }) {
  return {
    header: header.bytes.toString('latin1'),
    fields: header.fields,
    body: body.toString('latin1'),
  };
}

test('gives the same for chunks of any size as for the whole message', () => {
  fc.assert(
    fc.property(octetsOf, chunkSizes, (raw, sizes) => {
      expect(shown(split(inChunks(raw, sizes)))).toEqual(
        shown(parseMessage(normalizeLineEnds(raw))),
      );
    }),
    { numRuns: 5_000 },
  );
});

test('knows the header as soon as its empty line has come, and hands the body on', () => {
  const splitter = new MessageSplitter();
  expect(splitter.push(Buffer.from('A: 1\r\n\r')).toString()).toBe('');
  expect(splitter.header).toBeUndefined();
  expect(splitter.push(Buffer.from('\nbo')).toString()).toBe('bo');
  expect(splitter.header?.fields.map((field) => field.name)).toEqual(['a']);
  const chunk = Buffer.from('dy');
  expect(splitter.push(chunk)).toBe(chunk);
  expect(splitter.end()).toBe(splitter.header);
});

test('an empty chunk changes nothing', () => {
  const splitter = new MessageSplitter();
  splitter.push(Buffer.from('A: 1\r'));
  splitter.push(Buffer.alloc(0));
  splitter.push(Buffer.from('\n'));
  expect(splitter.end().bytes.toString()).toBe('A: 1\r\n');
});
