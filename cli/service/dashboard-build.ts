import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { glob, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
/** The folder of the dashboard's files once it is built. */
export const DASHBOARD_FILES = join(root, 'dist/dashboard');
const stamp = join(DASHBOARD_FILES, 'sources');

/** Milliseconds. It takes about two seconds. */
const BUILD_LIMIT = 180_000;

// Under a test runner NODE_ENV says `test`, and React's development version would be bundled.
const env = { ...process.env, NODE_ENV: 'production' };
const options = { cwd: root, timeout: BUILD_LIMIT, env };

/** All that the build reads. */
const sources = [
  'dashboard/**/*.{ts,tsx,css,svg,html,json}',
  'docs/openapi.json',
  'shared/core/model/events/*.ts',
  'shared/core/records/kinds/**/*.ts',
  'package-lock.json',
  'cli/service/dashboard-build.ts',
];

/** The files that the build makes itself (dashboard/client.ts). */
const made = /\/api\/(?:schema\.d|record-titles|event-kinds)\.ts$/;

let building: Promise<string> | undefined;

/**
 * Builds the dashboard where what it is made of has changed since it was last built.
 *
 * @returns the folder of its files
 * @throws Error with what the build said, where it fails
 */
export function builtDashboard(): Promise<string> {
  building ??= build().finally(() => {
    building = undefined;
  });
  return building;
}

async function build(): Promise<string> {
  const digest = await digestOfSources();
  if ((await readIfThere(stamp)) === digest) return DASHBOARD_FILES;
  await run(process.execPath, [join(root, 'dashboard/client.ts')], options);
  // Into a folder of its own, which then takes the place of the old one: another run may be serving it.
  const fresh = `${DASHBOARD_FILES}.${process.pid}`;
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await run(process.execPath, [vite, 'build', join(root, 'dashboard'), '--outDir', fresh], options);
  await writeFile(join(fresh, 'sources'), digest);
  await rm(`${DASHBOARD_FILES}.old`, { recursive: true, force: true });
  await rename(DASHBOARD_FILES, `${DASHBOARD_FILES}.old`).catch(unlessMissing);
  await rename(fresh, DASHBOARD_FILES);
  return DASHBOARD_FILES;
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256');
  const names: string[] = [];
  for await (const name of glob(sources, { cwd: root })) names.push(name);
  for (const name of names.filter((each) => !made.test(each)).toSorted()) {
    hash.update(`${name}\0`).update(await readFile(join(root, name)));
  }
  return hash.digest('hex');
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(unlessMissing);
}

/** @throws the error, unless it is that there is no such file */
function unlessMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return undefined;
}
