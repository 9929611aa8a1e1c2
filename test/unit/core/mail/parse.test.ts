import { expect, test } from 'vitest';
import { fieldValue, fieldsNamed, parseMessage } from '#shared/core/mail/parse.ts';

/** Returns the parsed message: the name and value of each field, and the body. */
function read(text: string) {
  const { header, body } = parseMessage(Buffer.from(text, 'latin1'));
  return {
    fields: header.fields.map((field) => [
      field.name,
      fieldValue(header, field).toString('latin1'),
    ]),
    body: body.toString('latin1'),
  };
}

const cases: [title: string, message: string, fields: [string, string][], body: string][] = [
  [
    'a header and a body',
    'A: 1\r\nB: 2\r\n\r\nbody\r\n',
    [
      ['a', ' 1\r\n'],
      ['b', ' 2\r\n'],
    ],
    'body\r\n',
  ],
  ['no empty line after the header', 'A: 1\r\n', [['a', ' 1\r\n']], ''],
  ['a header that the end cuts off', 'A: 1', [['a', ' 1']], ''],
  ['no header', '\r\nbody', [], 'body'],
  ['nothing', '', [], ''],
  ['an empty body', 'A: 1\r\n\r\n', [['a', ' 1\r\n']], ''],
  ['bare LFs', 'A: 1\n 2\n\nbody\n', [['a', ' 1\n 2\n']], 'body\n'],
  ['folds', 'A:\r\n\t1\r\n 2\r\n\r\n', [['a', '\r\n\t1\r\n 2\r\n']], ''],
  [
    'a fold of white space only',
    'A: 1\r\n \r\nB: 2\r\n\r\n',
    [
      ['a', ' 1\r\n \r\n'],
      ['b', ' 2\r\n'],
    ],
    '',
  ],
  ['a fold that the end cuts off', 'A: 1\r\n ', [['a', ' 1\r\n ']], ''],
  ['white space before the colon', 'A \t: 1\r\n\r\n', [['a', ' 1\r\n']], ''],
  ['a fold before the colon', 'A\r\n \r\n\t : 1\r\n\r\n', [['a', ' 1\r\n']], ''],
  [
    'a colon at the start of a line',
    'A\r\n: 1\r\n\r\n',
    [
      ['', 'A\r\n'],
      ['', ': 1\r\n'],
    ],
    '',
  ],
  ['mixed case', 'SuBJeCt: 1\r\n\r\n', [['subject', ' 1\r\n']], ''],
  [
    'an empty value',
    'A:\r\nB: \r\n\r\n',
    [
      ['a', '\r\n'],
      ['b', ' \r\n'],
    ],
    '',
  ],
  [
    'duplicates',
    'A: 1\r\na: 2\r\n\r\n',
    [
      ['a', ' 1\r\n'],
      ['a', ' 2\r\n'],
    ],
    '',
  ],
  ['colons in the value', 'A:b:c\r\n\r\n', [['a', 'b:c\r\n']], ''],
  [
    'a line without colon',
    'A: 1\r\ngarbage\r\nB: 2\r\n\r\nbody',
    [
      ['a', ' 1\r\n'],
      ['', 'garbage\r\n'],
      ['b', ' 2\r\n'],
    ],
    'body',
  ],
  ['a line without a name', ': 1\r\n\r\n', [['', ': 1\r\n']], ''],
  ['a space in the name', 'A b: 1\r\n\r\n', [['', 'A b: 1\r\n']], ''],
  [
    'an mbox line',
    'From a@b.example Mon Nov 23 06:00:00 2026\r\nA: 1\r\n\r\n',
    [
      ['', 'From a@b.example Mon Nov 23 06:00:00 2026\r\n'],
      ['a', ' 1\r\n'],
    ],
    '',
  ],
  [
    'a continuation of nothing',
    ' 1\r\nA: 1\r\n\r\n',
    [
      ['', ' 1\r\n'],
      ['a', ' 1\r\n'],
    ],
    '',
  ],
  ['8-bit in a name', 'Gr\u00fc: 1\r\n\r\n', [['', 'Gr\u00fc: 1\r\n']], ''],
  ['8-bit and NUL in a value', 'A: \u00fc\u00a0\0\r\n\r\n', [['a', ' \u00fc\u00a0\0\r\n']], ''],
  ['a bare CR in a value', 'A: 1\rB: 2\r\n\r\n', [['a', ' 1\rB: 2\r\n']], ''],
  [
    'a CR where the empty line might be',
    'A: 1\r\n\rB\r\n\r\n',
    [
      ['a', ' 1\r\n'],
      ['', '\rB\r\n'],
    ],
    '',
  ],
];

test.each(cases)('reads %s', (_title, message, fields, body) => {
  expect(read(message)).toEqual({ fields, body });
});

test('copies nothing: header and body are views of the message’s memory', () => {
  const raw = Buffer.from('A: 1\r\n\r\nbody');
  const { header, body } = parseMessage(raw);
  expect(header.bytes.buffer).toBe(raw.buffer);
  expect([body.buffer, body.byteOffset]).toEqual([raw.buffer, raw.byteOffset + 8]);
  expect(header.bytes).toHaveLength(8);
});

test('reads a field of 100 KB and a header of 5,000 fields', () => {
  const long = `A: ${'x'.repeat(70)}${`\r\n ${'x'.repeat(70)}`.repeat(1_400)}\r\n`;
  const { fields } = parseMessage(Buffer.from(`${'B: 1\r\n'.repeat(5_000)}${long}\r\n`)).header;
  expect(fields).toHaveLength(5_001);
  expect(fields.at(-1)!.end - fields.at(-1)!.start).toBe(long.length);
});

test('finds the fields of one name in header order', () => {
  const { header } = parseMessage(Buffer.from('A: 1\r\nB: 2\r\na : 3\r\n\r\n'));
  expect(fieldsNamed(header, 'a').map((field) => fieldValue(header, field).toString())).toEqual([
    ' 1\r\n',
    ' 3\r\n',
  ]);
  expect(fieldsNamed(header, 'c')).toEqual([]);
});
