import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withRecordCodes } from '#shared/api/record-codes.ts';
import { recordCodes } from '#shared/core/records/codes.ts';

const docs = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');

test('the codes in docs/api.md are current; `node shared/api/write-record-codes.ts` writes them', () => {
  expect(docs).toBe(withRecordCodes(docs));
});

test('a table that is out of date is replaced, and nothing else', () => {
  const stale = docs
    .replace(/\| `(?:wildcard|spf-invalid)` .*\n/g, '')
    .replace('`mx-several`', '`mx`');
  expect(stale).not.toBe(docs);
  expect(withRecordCodes(stale)).toBe(docs);
});

test('every code of a record is documented, in the order of the API', () => {
  const rows = [...withRecordCodes(docs).matchAll(/^\| `([a-z-]+)` \| \S/gm)].map(
    ([, code]) => code,
  );
  const first = rows.findIndex((code) => code === 'appended-domain') - 1;
  expect(rows.slice(first, first + recordCodes.length)).toEqual(recordCodes);
});
