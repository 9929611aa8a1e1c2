import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, buildSync, version } from 'esbuild';
import { routeKeys } from '#shared/api/routes/index.ts';
import { functionFolders } from '../functions.ts';

/**
 * CommonJS loads faster than ESM on Lambda, and `module` first lets esbuild drop what is unused.
 * The source map is a file beside the bundle: only stack traces need it, not every cold start.
 */
const options = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: 'external',
  sourcesContent: false,
  legalComments: 'none',
  // The routes of the other functions, for the function that answers unknown requests. A list would
  // make every bundle larger.
  define: { ROUTE_KEYS: JSON.stringify(routeKeys.join('\n')) },
  outdir: 'dist/bundles/output',
  metafile: true,
  write: false,
  logLevel: 'silent',
} satisfies BuildOptions;

export interface BundleOptions {
  /** The checkout, with `lambdas/<name>/handler.ts` for each name. */
  readonly root: string;
  readonly names: readonly string[];
}

const root = resolve(import.meta.dirname, '../..');
let bundles: string | undefined;

/** The folder with the bundle of one of the service's functions. */
export function bundleDirectory(name: string): string {
  bundles ??= bundle({ root, names: functionFolders() });
  return join(bundles, name);
}

/**
 * Bundles functions, and keeps the result in `dist/bundles` under a hash of everything that went
 * in: as long as nothing changes, nothing is bundled. All are built in one go, so that what they
 * share is parsed once.
 *
 * @returns the folder that has, for each name, `<name>/index.js`, the package.json that says it is
 * CommonJS anywhere, and beside them the source map `<name>.js.map`
 * @throws Error that names each handler that is missing or does not bundle
 */
export function bundle({ root, names }: BundleOptions): string {
  const missing = names.map(handlerOf).filter((handler) => !existsSync(join(root, handler)));
  if (missing.length > 0) {
    throw new Error(`Each function needs its handler; missing: ${missing.join(', ')}`);
  }
  return cached({ root, names }) ?? build({ root, names });
}

const handlerOf = (name: string): string => `lambdas/${name}/handler.ts`;
const cacheOf = (root: string): string => join(root, 'dist/bundles');
/** The inputs of the last build: they are hashed again to check that its output is still good. */
const inputsFileOf = (root: string): string => join(cacheOf(root), 'inputs.json');

function cached({ root, names }: BundleOptions): string | undefined {
  if (!existsSync(inputsFileOf(root))) return undefined;
  const inputs = JSON.parse(readFileSync(inputsFileOf(root), 'utf8')) as string[];
  if (!inputs.every((input) => existsSync(join(root, input)))) return undefined;
  const directory = join(cacheOf(root), keyOf({ root, names }, inputs));
  return existsSync(directory) ? directory : undefined;
}

function build({ root, names }: BundleOptions): string {
  const result = buildSync({
    ...options,
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: handlerOf(name), out: `${name}/index` })),
  });
  // Packages are known by the lock file; only our own sources are hashed one by one.
  const inputs = Object.keys(result.metafile.inputs)
    .filter((input) => !input.startsWith('node_modules/'))
    .sort();
  const temporary = join(cacheOf(root), `writing-${randomUUID()}`);
  for (const file of result.outputFiles) {
    const path = relative(join(root, options.outdir), file.path);
    write(join(temporary, path.endsWith('.map') ? `${dirname(path)}.js.map` : path), file.contents);
  }
  for (const name of names) {
    write(join(temporary, name, 'package.json'), '{"type":"commonjs"}\n');
  }
  const directory = join(cacheOf(root), keyOf({ root, names }, inputs));
  appear(temporary, directory);
  removeOld(cacheOf(root));
  const list = join(cacheOf(root), `inputs-${randomUUID()}`);
  write(list, JSON.stringify(inputs));
  renameSync(list, inputsFileOf(root));
  return directory;
}

/** Several synths may run at once: whole folders appear by renaming, and the first one wins. */
function appear(temporary: string, directory: string): void {
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

const KEPT_MS = 24 * 60 * 60 * 1000;

/** Every change of a source leaves a folder behind; those of the last day may still be in use. */
function removeOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (Date.now() - statSync(path).mtimeMs > KEPT_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** A hash of the options, the functions, esbuild's version, the installed packages, and each input's path and content. */
function keyOf({ root, names }: BundleOptions, inputs: readonly string[]): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([version, options, names]));
  for (const input of ['package.json', 'package-lock.json', 'tsconfig.json', ...inputs]) {
    hash.update(`\0${input}\0`);
    hash.update(readFileSync(join(root, input)));
  }
  return hash.digest('hex').slice(0, 32);
}
