import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repository } from './synthesized.ts';

const run = promisify(execFile);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'platforms-'));
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    copyFileSync(join(repository, file), join(folder, file));
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The environment of Node programs, npm among them, that take this machine for another. */
function another(platform: string, arch: string): NodeJS.ProcessEnv {
  const preload = join(folder, `${platform}-${arch}.cjs`);
  writeFileSync(
    preload,
    `Object.defineProperty(process, 'platform', { value: '${platform}' });
     Object.defineProperty(process, 'arch', { value: '${arch}' });`,
  );
  // The bundler's own program must be one that this machine can run all the same.
  const esbuild = `@esbuild/${process.platform}-${process.arch}/bin/esbuild`;
  const ESBUILD_BINARY_PATH = createRequire(import.meta.url).resolve(esbuild);
  return { ...process.env, NODE_OPTIONS: `--require ${preload}`, ESBUILD_BINARY_PATH };
}

describe.each([
  ['darwin', 'arm64'],
  ['linux', 'arm64'],
])('on %s %s', (platform, arch) => {
  test('npm ci finds a package for each dependency', async () => {
    const { stdout } = await run('npm', ['ci', '--dry-run', '--offline'], {
      cwd: folder,
      env: another(platform, arch),
    });

    expect(stdout).toMatch(/added \d+ packages/);
    expect(stdout).toContain(`add @esbuild/${platform}-${arch} `);
    expect(stdout).not.toContain('add @dynoxide/linux-x64');
  });

  test('the app is synthesized, its bundles included', async () => {
    const output = join(folder, `cdk.out-${platform}-${arch}`);

    await run('npm', ['run', 'synth', '--', '--output', output], {
      cwd: repository,
      env: another(platform, arch),
    });

    expect(existsSync(join(output, 'manifest.json'))).toBe(true);
  });
});
