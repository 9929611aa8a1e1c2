import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { recordCodes } from '#shared/core/records/codes.ts';
import { documents, generatedTables } from '../../docs/generate/index.ts';
import { parse, type Tables, tablesIn, withTables } from '../../docs/generate/markdown.ts';
import { repository, stacksOf } from './synthesized.ts';

const texts = new Map(
  documents().map((file) => [relative(repository, file), readFileSync(file, 'utf8')]),
);
/** With those that have no generated tables. */
const pages = new Map([
  ...texts,
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md'].map((file): [string, string] => [
    file,
    readFileSync(join(repository, file), 'utf8'),
  ]),
]);

let tables: Tables;

beforeAll(() => {
  tables = generatedTables(stacksOf(), 'sender-domains');
});

describe('the generated tables of', () => {
  const marked = [...texts].filter(([, text]) => tablesIn(text).length > 0);

  test.each(marked)('%s are current; `npm run docs` writes them', (_, text) => {
    expect(text).toBe(withTables(text, tables));
  });

  it('queues say what is in them, and what to do', () => {
    for (const name of ['queues', 'dead-letters']) {
      const empty = tables[name]!.rows.filter((cells) => cells.at(-1) === '');
      expect(empty).toEqual([]);
    }
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

  it('cannot name a table that does not exist', () => {
    expect(() => withTables('<!-- generated: nothing -->\n<!-- end -->', tables)).toThrow(
      'There is no table "nothing"',
    );
  });
});

/** The anchors of a document's headings, as GitHub makes them. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** Returns true if a link of a document leads to a file, and to a heading of it. */
function isSound(file: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target =
    path === '' ? file : relative(repository, resolve(repository, dirname(file), path));
  if (!existsSync(join(repository, target))) return false;
  return anchor === undefined || anchorsOf(pages.get(target) ?? '').includes(anchor);
}

describe('what people write', () => {
  it('has the items of every table, and of no other', () => {
    const [, text = ''] = /<!-- items of tables -->(.*?)<!-- end -->/s.exec(architecture())!;
    const named = [...parse(text).keys()].filter((name) => name !== '');
    const existing = tables['tables']!.rows.map(([name = '']) => name);
    expect(named.toSorted()).toEqual(existing.toSorted());
  });

  it('links files and headings that exist', () => {
    const links = [...pages].flatMap(([file, text]) =>
      [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => ({ file, link })),
    );
    const broken = links.filter(
      ({ file, link }) => !link.startsWith('https:') && !isSound(file, link),
    );
    expect(broken).toEqual([]);
  });

  it('names files that exist', () => {
    const lost = [...pages].flatMap(([file, text]) =>
      [...text.matchAll(/`((?:cli|dashboard|docs|infra|lambdas|local|shared|test)\/[\w./-]+)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(join(repository, path)))
        .map((path) => `${file}: ${path}`),
    );
    expect(lost).toEqual([]);
  });

  it('quotes messages of the log that the code has', () => {
    const code = globSync(['lambdas/**/*.ts', 'shared/**/*.ts'], { cwd: repository })
      .map((file) => readFileSync(join(repository, file), 'utf8'))
      .join('');
    const sentences = ['docs/operate.md', 'docs/rotation.md'].flatMap((file) =>
      texts.get(file)!.split(/\n|(?<=\.) /),
    );
    const quoted = sentences
      .filter((sentence) => /\blogs?\b/.test(sentence))
      .flatMap((sentence) => [
        ...sentence.matchAll(/`(?:[a-z]+ failed: )?([a-z][A-Za-z ]* [A-Za-z ]+)`/g),
      ])
      .map(([, message = '']) => message)
      .filter((message) => !/^(npm|npx) /.test(message));
    expect(quoted).toContain('claim parked');
    expect(quoted.filter((message) => !code.includes(message))).toEqual([]);
  });
});

test('every code of a record is documented, in the order of the API', () => {
  const rows = tables['record-codes']!.rows.map(([name = '']) => name.slice(1, -1));
  expect(rows).toEqual(recordCodes);
});
