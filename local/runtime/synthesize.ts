import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { glob, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { writeFileAtomically } from '../aws/state-file.ts';
import type { App } from './app.ts';

/**
 * Synthesizes the app as `cdk synth` does, in a process of its own; not again where nothing changed
 * since the last time.
 *
 * @param settingsFile undefined where the app takes none
 * @param folder that the assembly is written to
 * @throws Error with what the app printed, where it fails
 */
export async function synthesize(
  app: App,
  settingsFile: string | undefined,
  folder: string,
): Promise<void> {
  const hashFile = `${folder}.hash`;
  const hash = await hashInputs(app, settingsFile);
  const known = existsSync(hashFile) ? readFileSync(hashFile, 'utf8') : undefined;
  if (known === hash && existsSync(join(folder, 'manifest.json'))) return;
  await writeAssembly(app, settingsFile, folder);
  writeFileAtomically(hashFile, hash);
}

/**
 * The same in a folder of assemblies that runs share: each is synthesized by the first run that needs
 * it. Runs of several processes may ask at once.
 *
 * @returns the folder of the assembly
 */
export async function sharedAssembly(
  app: App,
  settingsFile: string | undefined,
  assemblies: string,
): Promise<string> {
  const folder = join(assemblies, await hashInputs(app, settingsFile));
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  await writeAssembly(app, settingsFile, unfinished);
  try {
    await rename(unfinished, folder);
  } catch (error) {
    // Another run was faster.
    if (!existsSync(folder)) throw error;
    await rm(unfinished, { recursive: true });
  }
  return folder;
}

async function writeAssembly(
  { root, main, settings }: App,
  settingsFile: string | undefined,
  folder: string,
): Promise<void> {
  const child = spawn(process.execPath, [join(root, main)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify(await contextOf(join(root, 'cdk.json'))),
      ...(settings && { [settings.variable]: settingsFile }),
    },
  });
  const [[code], output, errors] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  if (code !== 0) throw new Error(`the app does not synthesize:\n${output}${errors}`);
}

/** The context that the CDK's command line would pass on. */
async function contextOf(file: string): Promise<object> {
  if (!existsSync(file)) return {};
  const { context = {} } = JSON.parse(await readFile(file, 'utf8')) as { context?: object };
  return context;
}

/** A digest of all that decides what is synthesized; the place of the settings does not. */
async function hashInputs({ root, inputs }: App, settingsFile?: string): Promise<string> {
  const files: string[] = [];
  for await (const entry of glob(inputs, { cwd: root, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  }
  const hash = createHash('sha256').update(process.version);
  const add = (name: string, content: Buffer): unknown =>
    hash.update(`\0${name}\0${content.length}\0`).update(content);
  if (settingsFile !== undefined) add('settings', await readFile(settingsFile));
  const contents = await Promise.all(files.sort().map((file) => readFile(file)));
  for (const [index, content] of contents.entries()) add(files[index]!, content);
  return hash.digest('hex');
}
