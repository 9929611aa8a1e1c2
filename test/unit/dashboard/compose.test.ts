import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compose, isAddress } from '../../../dashboard/src/messages/compose.ts';

const mail = { from: 'ann@example.com', to: 'bob@example.net', subject: 'Hello', text: 'Hi.' };

/** Text as somebody may type or paste it: any characters, control characters included. */
const anyText = fc.string({ unit: 'binary', maxLength: 300 });

/** Returns the text of a header field of encoded words (RFC 2047 §6.2), and its lines. */
function subjectOf(composed: string): { text: string; lines: string[] } {
  const [header = ''] = composed.split('\r\n\r\n');
  const [field = ''] = /^Subject:.*(?:\r\n .*)*/m.exec(header) ?? [];
  const words = [...field.matchAll(/=\?utf-8\?B\?([A-Za-z0-9+/=]*)\?=/g)];
  return {
    text: words.map(([, base64 = '']) => Buffer.from(base64, 'base64').toString()).join(''),
    lines: field.split('\r\n'),
  };
}

const textOf = (composed: string): string =>
  Buffer.from(composed.slice(composed.indexOf('\r\n\r\n') + 4), 'base64').toString();

/** A lone surrogate has no UTF-8; U+FFFD takes its place wherever text is encoded. */
const encodable = (text: string): string =>
  new TextDecoder().decode(new TextEncoder().encode(text));

describe('a composed mail', () => {
  test('has the header fields of a mail and no other, for any subject and text', () => {
    fc.assert(
      fc.property(anyText, anyText, (subject, text) => {
        const [header = ''] = compose({ ...mail, subject, text }).split('\r\n\r\n');
        const names = header
          .replaceAll('\r\n ', ' ')
          .split('\r\n')
          .map((line) => line.split(':')[0]);
        expect(names).toEqual([
          'From',
          'To',
          'Subject',
          'MIME-Version',
          'Content-Type',
          'Content-Transfer-Encoding',
        ]);
      }),
    );
  });

  test('says the subject and the text as they were typed', () => {
    fc.assert(
      fc.property(anyText, anyText, (subject, text) => {
        const composed = compose({ ...mail, subject, text });
        expect(subjectOf(composed).text).toBe(encodable(subject));
        const lines = encodable(text).replaceAll(/\r?\n/g, '\r\n');
        expect(textOf(composed)).toBe(`${lines}\r\n`);
      }),
    );
  });

  test('is ASCII, with no line over 78 characters, each ended by CRLF', () => {
    fc.assert(
      fc.property(anyText, anyText, (subject, text) => {
        const composed = compose({ ...mail, subject, text });
        expect(composed).toMatch(/^[\x20-\x7e\r\n]*\r\n$/);
        expect(composed.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        const longest = Math.max(...composed.split('\r\n').map((line) => line.length));
        expect(longest).toBeLessThanOrEqual(78);
      }),
    );
  });

  test('cuts no character of a subject in two', () => {
    const { text, lines } = subjectOf(compose({ ...mail, subject: '\u{1f600}'.repeat(40) }));
    expect(text).toBe('\u{1f600}'.repeat(40));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      const [, word = ''] = /\?B\?(.*)\?=/.exec(line) ?? [];
      expect(Buffer.from(word, 'base64').toString()).toMatch(/^(?:\u{1f600})+$/u);
    }
  });

  test.each([
    'ann@example.com\r\nBcc: eve@example.net',
    'Ann <ann@example.com>',
    'a b@c.example',
    '',
  ])('is not made with %j as address', (address) => {
    expect(() => compose({ ...mail, to: address })).toThrow('is no address');
    expect(() => compose({ ...mail, from: address })).toThrow('is no address');
  });
});

test.each([
  ['ann@example.com', true],
  ["o'neil+news@xn--bcher-kva.example", true],
  [`${'a'.repeat(64)}@example.com`, true],
  [`${'a'.repeat(65)}@example.com`, false],
  ['ann', false],
  ['@example.com', false],
  ['ann@', false],
  ['ann@bücher.example', false],
])('%j is taken as an address: %j', (text, taken) => {
  expect(isAddress(text)).toBe(taken);
});
