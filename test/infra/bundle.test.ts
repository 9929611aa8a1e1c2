import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundle, bundleDirectory } from '../../infra/constructs/bundle.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bundle-'));
  givenFile('package.json', '{"type":"module","imports":{"#shared/*":"./shared/*"}}');
  givenFile('package-lock.json', '{}');
  givenFile('tsconfig.json', '{}');
  givenFile('shared/greeting.ts', 'export const greeting: string = "hello";');
  givenFile('lambdas/one/handler.ts', handlerSource('one'));
  givenFile('lambdas/two/handler.ts', handlerSource('two'));
});

afterEach(() => rmSync(root, { recursive: true }));

function givenFile(path: string, content: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content);
}

const handlerSource = (name: string) => `
import { greeting } from '#shared/greeting.ts';
export const handler = async () => greeting + ' from ${name}';
`;

const names = ['one', 'two'];

function answerOf(directory: string, name: string): string {
  const script = `require(${JSON.stringify(join(directory, name, 'index.js'))}).handler().then(console.log)`;
  return execFileSync(process.execPath, ['--input-type=commonjs', '-e', script], {
    encoding: 'utf8',
  }).trim();
}

describe('the bundle of a function', () => {
  it('is CommonJS even below a package of modules, and runs', () => {
    const directory = bundle({ root, names });

    expect(answerOf(directory, 'one')).toBe('hello from one');
    expect(answerOf(directory, 'two')).toBe('hello from two');
  });

  it('has its source map beside it, not in what is deployed, and without the sources', () => {
    const directory = bundle({ root, names });

    expect(readdirSync(join(directory, 'one')).sort()).toEqual(['index.js', 'package.json']);
    const map = JSON.parse(readFileSync(join(directory, 'one.js.map'), 'utf8')) as object;
    expect(map).toHaveProperty('mappings');
    expect(map).not.toHaveProperty('sourcesContent');
    expect(readFileSync(join(directory, 'one/index.js'), 'utf8')).not.toContain('sourceMappingURL');
  });

  it('is byte for byte the same when it is built again', () => {
    const first = readFileSync(join(bundle({ root, names }), 'one/index.js'));
    rmSync(join(root, 'dist'), { recursive: true });

    const second = readFileSync(join(bundle({ root, names }), 'one/index.js'));

    expect(second).toEqual(first);
  });

  it('is not built again while nothing changed', () => {
    const directory = bundle({ root, names });
    const built = statSync(join(directory, 'one/index.js')).ino;

    expect(bundle({ root, names })).toBe(directory);
    expect(statSync(join(directory, 'one/index.js')).ino).toBe(built);
  });

  it('follows a change of a source that functions share', () => {
    const before = bundle({ root, names });
    givenFile('shared/greeting.ts', 'export const greeting: string = "good day";');

    const after = bundle({ root, names });

    expect(after).not.toBe(before);
    expect(answerOf(after, 'two')).toBe('good day from two');
  });

  it('follows a change of the installed packages', () => {
    const before = bundle({ root, names });
    givenFile('package-lock.json', '{"changed":true}');

    expect(bundle({ root, names })).not.toBe(before);
  });

  it('makes room of builds older than a day', () => {
    const old = bundle({ root, names });
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    utimesSync(old, twoDaysAgo, twoDaysAgo);
    givenFile('shared/greeting.ts', 'export const greeting: string = "good day";');

    const next = bundle({ root, names });

    expect(existsSync(old)).toBe(false);
    expect(existsSync(next)).toBe(true);
  });

  it('fails with the handlers that are missing', () => {
    expect(() => bundle({ root, names: ['one', 'three', 'four'] })).toThrow(
      'missing: lambdas/three/handler.ts, lambdas/four/handler.ts',
    );
  });

  it('fails with the source that does not bundle', () => {
    givenFile('lambdas/one/handler.ts', "import { nothing } from './nowhere.ts'; nothing();");

    expect(() => bundle({ root, names })).toThrow('./nowhere.ts');
  });
});

const sourceOf = (name: string): string =>
  readFileSync(join(bundleDirectory(name), 'index.js'), 'utf8');

describe('the bundle of a container', () => {
  it('has the credentials of ECS, which the bundles of functions leave out', () => {
    const variable = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI';
    expect(sourceOf('smtp')).toContain(variable);
    expect(sourceOf('messages')).not.toContain(variable);
  });
});

describe('the bundle of the signer', () => {
  it('is at most 600 KB: each cold start loads it', () => {
    const { size } = statSync(join(bundleDirectory('signer'), 'index.js'));
    expect(size).toBeLessThanOrEqual(600_000);
  });

  it('has what a function uses of the SDK, and not what only others use', () => {
    const source = readFileSync(join(bundleDirectory('signer'), 'index.js'), 'utf8');
    const parts = [
      'SendEmail',
      'GetObject',
      'PutBucketReplication',
      'sso-oidc',
      'CreateDedicatedIpPool',
    ];
    expect(parts.filter((part) => source.includes(part))).toEqual(['SendEmail', 'GetObject']);
  });
});
