import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ts } from '@ts-morph/common';
import { describe, expect, test } from 'vitest';
import { repository } from './synthesized.ts';

const glossary = readFileSync(join(repository, 'docs/glossary.md'), 'utf8');

interface Refused {
  /** In lower case; also matched with the endings of verbs and plurals. */
  readonly word: string;
  /** Refused in names, but not in prose. */
  readonly namesOnly: boolean;
  /** Folders; absent where the word is refused everywhere. */
  readonly folders?: readonly string[];
}

/** Reads a cell of the column *not*: `mend`, `[gate]`, `[chunk (lambdas, shared/app)]`. */
function refusedIn(cell: string): Refused[] {
  return [...cell.matchAll(/(\[)?([a-z-]+)(?: \(([^)]+)\))?\]?/g)].map(
    ([, bracket, word = '', folders]) => ({
      word,
      namesOnly: bracket !== undefined,
      ...(folders === undefined ? {} : { folders: folders.split(', ') }),
    }),
  );
}

const rows = glossary.split('\n').filter((line) => /^\| (?!word \|)/.test(line));
const refused = rows.flatMap((row) =>
  refusedIn(
    row
      .split(' | ')
      .at(-1)
      ?.replace(/\s*\|$/, '') ?? '',
  ),
);
const notUsed = /comments and documents: ([^.]+)\./.exec(glossary)?.[1]?.split(', ') ?? [];

const concerns = (path: string, { folders }: Refused): boolean =>
  folders === undefined || folders.some((folder) => path.startsWith(`${folder}/`));

const endings = '(?:s|es|d|ed|ing)?';
const patterns = refused.map((one) => ({
  one,
  whole: new RegExp(`^${one.word}${endings}$`),
  within: new RegExp(`\\b${one.word}${endings}\\b`, 'i'),
}));
const unused = new RegExp(`\\b(?:${notUsed.join('|')})\\b`, 'i');

/** `watchFreshKeys` as `watch fresh keys`. */
const wordsOf = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();

/** A refused word is one or several neighbouring words of a name: `freshkey` is in `watchFreshKeys`. */
function inName(name: string, path: string): string | undefined {
  const parts = wordsOf(name).split(' ');
  const runs = parts.flatMap((part, at) => [part, part + (parts[at + 1] ?? '')]);
  return patterns.find(
    ({ one, whole }) => runs.some((run) => whole.test(run)) && concerns(path, one),
  )?.one.word;
}

function inProse(text: string, path: string): string | undefined {
  const bare = text.replace(/`[^`\n]*`/g, '').replace(/stand-ins?|Outlook/g, '');
  const pattern = patterns.find(
    ({ one, within }) => !one.namesOnly && within.test(bare) && concerns(path, one),
  );
  return (pattern?.within ?? unused).exec(bare)?.[0];
}

/** Names that stored data, AWS or another library gives. */
const given = new Set([
  'HeldBack',
  'heldBack',
  'tombstone',
  'pardoned',
  'putOffSince',
  'watchMinutes',
  'announcer',
  'historian',
]);

interface Finding {
  readonly place: string;
  readonly word: string;
}

/** The refused words of a source file: in its names, its comments and the titles of its tests. */
export function findingsIn(path: string, text: string): Finding[] {
  const findings: Finding[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const note = (at: number, word: string | undefined): void => {
    if (word === undefined) return;
    const { line } = file.getLineAndCharacterOfPosition(at);
    findings.push({ place: `${path}:${line + 1}`, word });
  };
  const commented = new Set<number>();
  const comments = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? []) {
      if (commented.has(pos)) continue;
      commented.add(pos);
      note(pos, inProse(text.slice(pos, end), path));
    }
  };
  const visit = (node: ts.Node): void => {
    if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && !given.has(node.text)) {
      note(node.getStart(file), inName(node.text.replace(/^#/, ''), path));
    }
    if (ts.isCallExpression(node) && /^(test|describe|it)\b/.test(node.expression.getText(file))) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) {
        note(title.getStart(file), inProse(title.text, path));
      }
    }
    comments(ts.getLeadingCommentRanges(text, node.pos));
    comments(ts.getTrailingCommentRanges(text, node.end));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return findings;
}

/** The refused words of a document, but for code and generated tables. */
function findingsInDocument(path: string): Finding[] {
  const text = readFileSync(join(repository, path), 'utf8')
    .replace(/<!-- generated:[\s\S]*?<!-- end -->/g, blank)
    .replace(/```[\s\S]*?```/g, blank)
    // Alarms link to articles by their names.
    .replace(/^#.*$/gm, '')
    .replace(/\]\([^)]*\)/g, '](');
  return text.split('\n').flatMap((line, at) => {
    const word = inProse(line, path);
    return word === undefined ? [] : [{ place: `${path}:${at + 1}`, word }];
  });
}

const blank = (text: string): string => text.replace(/[^\n]/g, '');

const files = (pattern: string[]): string[] =>
  globSync(pattern, {
    cwd: repository,
    exclude: (path) => /(^|\/)(node_modules|fixtures|dist|cdk\.out|\.local)$/.test(path),
  });

const code = files([
  '{bench,cli,dashboard,docs,infra,lambdas,local,shared,smtp,test}/**/*.{ts,tsx}',
]).filter((path) => !/schema\.d\.ts$|\.as\.ts$|words\.test\.ts$/.test(path));
const documents = files([
  '*.md',
  'docs/**/*.md',
  '{bench,cli,dashboard,infra,lambdas,local,shared,smtp,test}/**/README.md',
]).filter((path) => path !== 'docs/glossary.md');

describe('the glossary', () => {
  test('gives words and what they replace', () => {
    expect(rows.length).toBeGreaterThan(40);
    expect(refused.map(({ word }) => word)).toEqual(
      expect.arrayContaining(['mend', 'twin', 'nudge', 'patience', 'astray', 'chunk', 'world']),
    );
    expect(notUsed).toContain('told');
  });

  test('is kept by the code', () => {
    expect(code.length).toBeGreaterThan(900);
    expect(
      code.flatMap((path) => findingsIn(path, readFileSync(join(repository, path), 'utf8'))),
    ).toEqual([]);
  });

  test('is kept by the documents', () => {
    expect(documents.length).toBeGreaterThan(100);
    expect(documents.flatMap(findingsInDocument)).toEqual([]);
  });
});

describe('a word that the glossary refuses is found', () => {
  test.each([
    ['in a name', 'const mendedRing = 1;', 'mend'],
    ['across the words of a name', 'const watchFreshKeys = 1;', 'freshkey'],
    ['in a private name', 'class A {\n  #twin = 1;\n}', 'twin'],
    ['in a comment', '// It is told so.\nconst a = 1;', 'told'],
    ['in a doc comment', '/** Looks at it. */\nexport const a = 1;', 'Looks'],
    ['in a title', "test('a key that is astray', () => {});", 'astray'],
  ])('%s', (_where, text, word) => {
    expect(findingsIn('shared/core/planted.ts', text).map((each) => each.word)).toContain(word);
  });

  test('only in the folders that the glossary gives', () => {
    const text = 'const chunk = 1;';
    expect(findingsIn('lambdas/signer/planted.ts', text)).toHaveLength(1);
    expect(findingsIn('shared/core/dkim/planted.ts', text)).toEqual([]);
  });
});
