/**
 * Builds the dashboard into a folder that is named after a digest of everything that it is made of,
 * so that it is built once for all that need it.
 *
 * As a program it prints the folder and the sources, as JSON, for the synthesis.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
const builds = join(root, 'dist/dashboard');

/** Milliseconds. It takes about two seconds. */
const BUILD_LIMIT = 180_000;
const KEPT_MS = 24 * 60 * 60 * 1000;

// Under a test runner NODE_ENV says `test`, and React's development version would be bundled.
const env = { ...process.env, NODE_ENV: 'production' };
const options = { cwd: root, timeout: BUILD_LIMIT, env };

/** Patterns of all that the build reads. */
const patterns = [
  'dashboard/**/*.{ts,tsx,css,svg,html,json}',
  'docs/openapi.json',
  'shared/core/model/events/*.ts',
  'shared/core/records/kinds/**/*.ts',
  'package-lock.json',
];

/** The files that the build makes itself (dashboard/client.ts). */
const made = /\/api\/(?:schema\.d|record-titles|event-kinds)\.ts$/;

export interface BuiltDashboard {
  /** The folder of its files. */
  readonly folder: string;
  /** What it is made of, by paths from the checkout. */
  readonly sources: readonly string[];
}

let building: Promise<BuiltDashboard> | undefined;

/**
 * Builds the dashboard where what it is made of has changed since it was last built.
 *
 * @throws Error with what the build said, where it fails
 */
export function builtDashboard(): Promise<BuiltDashboard> {
  building ??= build().finally(() => {
    building = undefined;
  });
  return building;
}

async function build(): Promise<BuiltDashboard> {
  const sources = await sourcesOf();
  const folder = join(builds, await digestOf(sources));
  if (existsSync(folder)) return { folder, sources };
  await run(process.execPath, [join(root, 'dashboard/client.ts')], options);
  // Into a folder of its own, which then appears at once: other processes may be building it too.
  const fresh = `${folder}.${process.pid}`;
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await run(process.execPath, [vite, 'build', join(root, 'dashboard'), '--outDir', fresh], options);
  try {
    await rename(fresh, folder);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
    await rm(fresh, { recursive: true });
  }
  await removeOld();
  return { folder, sources };
}

async function sourcesOf(): Promise<string[]> {
  const names: string[] = [];
  for await (const name of glob(patterns, { cwd: root })) names.push(name);
  return names.filter((each) => !made.test(each)).toSorted();
}

async function digestOf(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of sources) hash.update(`${name}\0`).update(await readFile(join(root, name)));
  return hash.digest('hex').slice(0, 32);
}

/** Every change of a source leaves a folder behind; those of the last day may still be in use. */
async function removeOld(): Promise<void> {
  await mkdir(builds, { recursive: true });
  for (const name of await readdir(builds)) {
    const path = join(builds, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > KEPT_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

if (import.meta.main) process.stdout.write(JSON.stringify(await builtDashboard()));
