import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvError, readCsv } from '#shared/core/csv/read-csv.ts';

const rowsOf = (text: string) => readCsv(text).map(({ fields }) => fields);

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe('readCsv', () => {
  test.each([
    ['a,b\r\n1,2\r\n', 'CRLF'],
    ['a,b\n1,2', 'no line end at the end'],
    ['\uFEFFa;b\n1;2\n', 'a byte order mark and semicolons'],
    ['A\tB\n1\t2\n\n', 'tabs, capitals and an empty line'],
    ['"a","b"\n"1","2"\n', 'quotes'],
  ])('reads %j: %s', (text) => {
    expect(rowsOf(text)).toEqual([{ a: '1', b: '2' }]);
  });

  test('reads quotes, separators and line ends within quotes, and counts lines', () => {
    const text = 'a,b\n"x ""y"", z","1\n2"\nlast,\n';
    expect(readCsv(text)).toEqual([
      { line: 2, fields: { a: 'x "y", z', b: '1\n2' } },
      { line: 4, fields: { a: 'last', b: '' } },
    ]);
  });

  test('a row with fewer values has empty ones', () => {
    expect(rowsOf('a,b,c\n1\n')).toEqual([{ a: '1', b: '', c: '' }]);
  });

  test.each([
    ['a,b\n"1,2\n', 'line 2 opens is not closed'],
    ['a,b\n"1"x,2\n', 'behind its closing quote'],
    [' \n', 'no header line'],
    ['', 'no header line'],
  ])('refuses %j', (text, why) => {
    expect(() => readCsv(text)).toThrow(CsvError);
    expect(() => readCsv(text)).toThrow(why);
  });

  test('what is written with quotes is read as it was', () => {
    const value = fc.string({ unit: 'binary' }).map((text) => text.trim());
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1 }), (pairs) => {
        const text = ['a,b', ...pairs.map((pair) => pair.map(quoted).join(','))].join('\r\n');
        const kept = pairs.filter((pair) => pair.join('') !== '');
        expect(rowsOf(text)).toEqual(kept.map(([a, b]) => ({ a, b })));
      }),
    );
  });
});
