import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, buildSync, version } from 'esbuild';
import { type FunctionName, functionNames } from '#shared/runtime/functions.ts';

const root = resolve(import.meta.dirname, '../..');
const cache = join(root, 'dist/bundles');

/**
 * CommonJS loads faster than ESM on Lambda, and `module` first lets esbuild drop what is unused.
 * The source map lies beside the bundle, not in it: it is for reading a stack trace, not for every
 * cold start.
 */
const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: 'external',
  sourcesContent: false,
  legalComments: 'none',
  outdir: 'dist/bundles/output',
  metafile: true,
  write: false,
  logLevel: 'silent',
} satisfies BuildOptions;

/**
 * The folder with the bundle of a function: `index.js` and the package.json that says it is
 * CommonJS wherever the folder lies.
 *
 * All functions are bundled in one go, so that what they share is parsed once, and kept under a
 * hash of everything that went in: as long as nothing changes, a synth bundles nothing.
 *
 * @throws Error that names each handler that is missing or does not bundle
 */
export function bundleDirectory(name: FunctionName): string {
  bundles ??= cached() ?? build();
  return join(bundles, name);
}

let bundles: string | undefined;

/** The inputs of the last build: they are hashed anew to see whether its output is still good. */
const inputsFile = join(cache, 'inputs.json');

function cached(): string | undefined {
  if (!existsSync(inputsFile)) return undefined;
  const inputs = JSON.parse(readFileSync(inputsFile, 'utf8')) as string[];
  if (!inputs.every((input) => existsSync(join(root, input)))) return undefined;
  const directory = join(cache, keyOf(inputs));
  return existsSync(directory) ? directory : undefined;
}

function build(): string {
  const missing = functionNames.filter((name) => !existsSync(join(root, handlerOf(name))));
  if (missing.length > 0) {
    throw new Error(
      `Every function of shared/runtime/functions.ts needs a handler; missing: ${missing.map(handlerOf).join(', ')}`,
    );
  }
  const result = buildSync({
    ...options,
    entryPoints: functionNames.map((name) => ({ in: handlerOf(name), out: `${name}/index` })),
  });
  // Packages are known by the lock file; only our own sources are hashed one by one.
  const inputs = Object.keys(result.metafile.inputs)
    .filter((input) => !input.startsWith('node_modules/'))
    .sort();
  const directory = join(cache, keyOf(inputs));
  const temporary = join(cache, `writing-${randomUUID()}`);
  for (const file of result.outputFiles) {
    const path = relative(join(root, options.outdir), file.path);
    write(join(temporary, path.endsWith('.map') ? `${dirname(path)}.js.map` : path), file.contents);
  }
  for (const name of functionNames) {
    write(join(temporary, name, 'package.json'), '{"type":"commonjs"}\n');
  }
  publish(temporary, directory);
  const list = join(cache, `inputs-${randomUUID()}`);
  write(list, JSON.stringify(inputs));
  renameSync(list, inputsFile);
  return directory;
}

/** Several synths may run at once: whole folders appear by renaming, and the first one wins. */
function publish(temporary: string, directory: string): void {
  if (!existsSync(directory)) {
    try {
      renameSync(temporary, directory);
      return;
    } catch (error) {
      if (!existsSync(directory)) throw error;
    }
  }
  rmSync(temporary, { recursive: true });
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const handlerOf = (name: FunctionName): string => `lambdas/${name}/handler.ts`;

/** A hash of the options, the functions, esbuild's version, the installed packages, and each input's path and content. */
function keyOf(inputs: readonly string[]): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([version, options, functionNames]));
  for (const input of ['package.json', 'package-lock.json', 'tsconfig.json', ...inputs]) {
    hash.update(`\0${input}\0`);
    hash.update(readFileSync(join(root, input)));
  }
  return hash.digest('hex').slice(0, 32);
}
