import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resourceTypes } from '../../local/runtime/resources/index.ts';
import { repository } from './synthesized.ts';

/** The folders that say what they are for, each in a README of five lines. */
const folders = globSync(
  [
    '{cli,infra,lambdas,dashboard,bench,test}',
    '{cli,infra,dashboard/src,bench,test}/*',
    'shared',
    'smtp',
    'shared/{core,async,runtime,app,adapters,api}{,/*}',
    'lambdas/*',
    'docs/generate',
  ],
  { cwd: repository, exclude: (path) => path.endsWith('node_modules') },
).filter((path) => statSync(join(repository, path)).isDirectory());

describe('the README of', () => {
  test.each(folders.toSorted())('%s says in five lines what it is for', (folder) => {
    const file = join(repository, folder, 'README.md');
    expect(existsSync(file), `${folder} has no README.md`).toBe(true);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toMatch(/^# \S/);
    expect(lines.length).toBeLessThanOrEqual(8);
  });

  test('local names every resource type', () => {
    const text = readFileSync(join(repository, 'local/README.md'), 'utf8');
    const context = { operator: { region: 'eu-west-1' }, standIns: {} };
    const types = Object.keys(resourceTypes(context as never));
    const rows = text.split('\n').filter((line) => line.startsWith('| '));
    for (const type of types) {
      const [, service = '', kind = ''] = /^(AWS::\w+)::(\w+)$/.exec(type) ?? [];
      const row = rows.find((line) => line.includes(`${service}::`));
      expect(row, `${type} is not in local/README.md`).toMatch(new RegExp(`\\b${kind}\``));
    }
  });
});
