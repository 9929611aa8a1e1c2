import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { repository } from './synthesized.ts';

const text = readFileSync(join(repository, 'docs/security.md'), 'utf8');

/** The sections that list threats, each with its rows: threat, what stops it, the tests. */
const sections = text
  .split('\n## ')
  .slice(1)
  .map((section) => {
    const [title = '', ...lines] = section.split('\n');
    const rows = lines
      .filter((line) => line.startsWith('| ') && !line.startsWith('| threat |'))
      .map((line) => line.slice(2, -2).split(' | '));
    return { title, rows };
  })
  .filter(({ rows }) => rows.length > 0);

const filesOf = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, file]) => file as string);

describe('the threat model', () => {
  it('covers every attacker and every kind of attack', () => {
    expect(sections.map(({ title }) => title)).toEqual([
      'Tenant against tenant',
      'A stolen API key or session',
      'A leaked DKIM key',
      'Dangling records',
      'Replay',
      'Malicious mail',
      'DNS and reports',
      'A compromised function',
      "Whoever may change the signer's code or role",
    ]);
  });

  const rows = sections.flatMap((section) => section.rows);

  test.each(rows.map((row) => [row[0] as string, row] as const))(
    'names a test that exists for: %s',
    (_, row) => {
      expect(row).toHaveLength(3);
      const files = filesOf(row[2] as string);
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        expect(file).toMatch(/^test\/.+\.test\.ts$/);
        expect([file, existsSync(join(repository, file))]).toEqual([file, true]);
      }
    },
  );

  it('is where SECURITY.md and the README lead to', () => {
    for (const page of ['SECURITY.md', 'README.md']) {
      expect(readFileSync(join(repository, page), 'utf8')).toContain('docs/security.md');
    }
  });
});
