import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { recordCodes } from '#shared/core/records/codes.ts';
import { documents, generatedTables } from '../../docs/generate/index.ts';
import {
  parse,
  type Tables,
  tablesIn,
  unwritten,
  withTables,
} from '../../docs/generate/markdown.ts';
import { repository, stacksOf } from './synthesized.ts';

const texts = new Map(
  documents().map((file) => [relative(repository, file), readFileSync(file, 'utf8')]),
);

let tables: Tables;

beforeAll(() => {
  tables = generatedTables(stacksOf(), 'sender-domains');
});

describe('the generated tables of', () => {
  const marked = [...texts].filter(([, text]) => tablesIn(text).length > 0);

  test.each(marked)('%s are current; `npm run docs` writes them', (_, text) => {
    expect(text).toBe(withTables(text, tables));
  });

  test.each(marked)('%s have every cell that people write', (_, text) => {
    expect(unwritten(text, tables)).toEqual([]);
  });

  it('all documents are each in one of them', () => {
    expect([...texts.values()].flatMap(tablesIn).toSorted()).toEqual(
      Object.keys(tables).toSorted(),
    );
  });
});

const architecture = (): string => texts.get('docs/architecture.md')!;

describe('a document', () => {
  it.each([
    ['a cell that is wrong', '| `checker` | ', '| `checker` | Answers the API. '],
    ['a row too many', '| `authorizer` |', '| `removed` | a function | | | – |\n| `authorizer` |'],
    ['a row that is named otherwise', '| `check` |', '| `checks-to-do` |'],
  ])('with %s is stale', (_, now, planted) => {
    const stale = architecture().replace(now, planted);
    expect(stale).not.toBe(architecture());
    expect(withTables(stale, tables)).not.toBe(stale);
  });

  it('whose table was changed is written as it was, and nothing else of it', () => {
    const stale = architecture().replace('| `checker` | ', '| `checker` | Answers the API. ');
    expect(withTables(stale, tables)).toBe(architecture());
  });

  it('lacks what people write of a queue that is new', () => {
    const rows = [...tables['dead-letters']!.rows, ['`new-failures`', 'function `new`', '', '']];
    const grown = { ...tables, 'dead-letters': { ...tables['dead-letters']!, rows } };
    expect(unwritten(withTables(texts.get('docs/operate.md')!, grown), grown)).toEqual([
      'dead-letters: `new-failures`: what waits',
      'dead-letters: `new-failures`: what to do, and when',
    ]);
  });

  it('cannot name a table that does not exist', () => {
    expect(() => withTables('<!-- generated: nothing -->\n<!-- end -->', tables)).toThrow(
      'There is no table "nothing"',
    );
  });
});

describe('what people write', () => {
  it('has the items of every table, and of no other', () => {
    const [, text = ''] = /<!-- items of tables -->(.*?)<!-- end -->/s.exec(architecture())!;
    const named = [...parse(text).keys()].filter((name) => name !== '');
    const existing = tables['tables']!.rows.map(([name = '']) => name);
    expect(named.toSorted()).toEqual(existing.toSorted());
  });
});

test('every code of a record is documented, in the order of the API', () => {
  const rows = tables['record-codes']!.rows.map(([name = '']) => name.slice(1, -1));
  expect(rows).toEqual(recordCodes);
});
