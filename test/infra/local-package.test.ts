import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repository } from './synthesized.ts';

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(repository, folder, 'package.json'), 'utf8')) as Manifest;

/** An import of a package, by its name: of all lines that import, the last ends with `from`. */
const IMPORT = /^(?:(?:import|export|\}).* from|.*\bimport\() ?'((?:@[^/']+\/)?[^/'.#]+)/gm;

/** The packages that local/ imports. */
function imported(): string[] {
  const found = new Set<string>();
  for (const file of globSync('local/**/*.ts', { cwd: repository })) {
    const text = readFileSync(join(repository, file), 'utf8');
    for (const [, name = ''] of text.matchAll(IMPORT)) {
      if (!name.startsWith('node:')) found.add(name);
    }
  }
  return [...found].toSorted();
}

describe('local/ as a package', () => {
  const own = manifestOf('local');

  test('depends on what it imports, and on nothing else', () => {
    expect(Object.keys(own.dependencies).toSorted()).toEqual(imported());
  });

  test('takes the versions of the whole repository', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifestOf('.');
    expect({ ...dependencies, ...devDependencies }).toMatchObject(own.dependencies);
    expect(own.optionalDependencies).toEqual(optionalDependencies);
  });
});
