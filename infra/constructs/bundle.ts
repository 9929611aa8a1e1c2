import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, version } from 'esbuild';
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
  alias: {
    '@aws-sdk/credential-provider-node': resolve(import.meta.dirname, 'function-credentials.ts'),
    '@aws-sdk/middleware-endpoint-discovery': resolve(
      import.meta.dirname,
      'no-endpoint-discovery.ts',
    ),
    '@smithy/core/event-streams': resolve(import.meta.dirname, 'no-event-streams.ts'),
  },
  logLevel: 'silent',
} satisfies BuildOptions;

/** A container gets its credentials from ECS by HTTP, so it keeps the SDK's own providers. */
const { '@aws-sdk/credential-provider-node': _, ...containerAlias } = options.alias;
const containerOptions = { ...options, alias: containerAlias } satisfies BuildOptions;

export interface BundleOptions {
  /** The checkout, with `lambdas/<name>/handler.ts` for each name. */
  readonly root: string;
  readonly names: readonly string[];
}

/** The containers, each bundled from `<name>/main.ts`. */
export const containers = ['smtp'];

/** The function whose bundle has the built page beside its code, in the folder `files`. */
const PAGE = 'dashboard';

const root = resolve(import.meta.dirname, '../..');
let bundles: string | undefined;

/** The folder with the bundle of one of the service's functions or containers. */
export function bundleDirectory(name: string): string {
  bundles ??= bundle({ root, names: [...functionFolders(), ...containers] });
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

const isContainer = (name: string): boolean => containers.includes(name);
const handlerOf = (name: string): string =>
  isContainer(name) ? `${name}/main.ts` : `lambdas/${name}/handler.ts`;
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
  const temporary = join(cacheOf(root), `writing-${randomUUID()}`);
  // Packages are known by the lock file; only our own sources are hashed one by one.
  const inputsOf = (of: BuildOptions, some: readonly string[]): string[] =>
    some.length === 0
      ? []
      : buildInProcess({
          ...of,
          absWorkingDir: root,
          entryPoints: some.map((name) => ({ in: handlerOf(name), out: `${name}/index` })),
          outdir: temporary,
        });
  const page = names.includes(PAGE) ? builtPage() : undefined;
  const inputs = [
    ...new Set([
      ...(page?.sources ?? []),
      ...inputsOf(
        options,
        names.filter((name) => !isContainer(name)),
      ),
      ...inputsOf(containerOptions, names.filter(isContainer)),
    ]),
  ]
    .filter((input) => !input.startsWith('node_modules/'))
    .sort();
  for (const name of names) {
    renameSync(join(temporary, name, 'index.js.map'), join(temporary, `${name}.js.map`));
    write(join(temporary, name, 'package.json'), '{"type":"commonjs"}\n');
  }
  if (page !== undefined) cpSync(page.folder, join(temporary, PAGE, 'files'), { recursive: true });
  const directory = join(cacheOf(root), keyOf({ root, names }, inputs));
  appear(temporary, directory);
  removeOld(cacheOf(root));
  const list = join(cacheOf(root), `inputs-${randomUUID()}`);
  write(list, JSON.stringify(inputs));
  renameSync(list, inputsFileOf(root));
  return directory;
}

const PROCESS = join(import.meta.dirname, 'bundle-process.ts');

/**
 * Builds in a process of its own, since esbuild takes plugins in asynchronous builds only.
 *
 * @returns the inputs, relative to the working directory of the build
 * @throws Error with what esbuild says
 */
function buildInProcess(build: BuildOptions): string[] {
  return output(PROCESS, JSON.stringify(build)) as string[];
}

/** Builds the dashboard, or finds it built, in a process of its own: that is asynchronous too. */
const builtPage = (): { readonly folder: string; readonly sources: readonly string[] } =>
  output(join(root, 'dashboard/build.ts')) as { folder: string; sources: string[] };

/** @throws Error with what the program says */
function output(program: string, input = ''): unknown {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
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

/** A hash of the options, the functions, esbuild's version, its plugin, the installed packages, and each input's path and content. */
function keyOf({ root, names }: BundleOptions, inputs: readonly string[]): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([version, options, containerOptions, names]));
  hash.update(readFileSync(PROCESS));
  for (const input of ['package.json', 'package-lock.json', 'tsconfig.json', ...inputs]) {
    hash.update(`\0${input}\0`);
    hash.update(readFileSync(join(root, input)));
  }
  return hash.digest('hex').slice(0, 32);
}
