import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
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
 * @returns whether it was synthesized anew
 * @throws Error with what the app printed, where it fails
 */
export async function synthesize(
  app: App,
  settingsFile: string | undefined,
  folder: string,
): Promise<boolean> {
  const { root, main, settings } = app;
  const hashFile = `${folder}.hash`;
  const hash = await hashInputs(app, settingsFile);
  const known = existsSync(hashFile) ? readFileSync(hashFile, 'utf8') : undefined;
  if (known === hash && existsSync(join(folder, 'manifest.json'))) return false;
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
  writeFileAtomically(hashFile, hash);
  return true;
}

/** The context that the CDK's command line would pass on. */
async function contextOf(file: string): Promise<object> {
  if (!existsSync(file)) return {};
  const { context = {} } = JSON.parse(await readFile(file, 'utf8')) as { context?: object };
  return context;
}

async function hashInputs({ root, inputs }: App, settingsFile?: string): Promise<string> {
  const files = settingsFile === undefined ? [] : [settingsFile];
  for await (const entry of glob(inputs, { cwd: root, withFileTypes: true })) {
    if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  }
  const contents = await Promise.all(files.sort().map((file) => readFile(file)));
  const hash = createHash('sha256').update(process.version);
  for (const [index, content] of contents.entries()) {
    hash.update(`\0${files[index]}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
