import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Line } from '../lib/line.ts';

/** Measures how long a synth takes, and the size and load time of each function's bundle. */
export async function run(emit: (line: Line) => void): Promise<void> {
  const out = join(tmpdir(), `sender-domains-bench-${process.pid}`);
  try {
    const first = await timed(['infra/bin/app.ts'], { CDK_OUTDIR: out });
    emit({
      suite: 'build',
      case: 'synth',
      subject: 'sender-domains',
      value: first / 1000,
      unit: 's',
    });
    for (const { name, file } of await bundles(out)) {
      const { size } = await stat(file);
      emit({ suite: 'build', case: 'bundle size', subject: name, value: size / 1024, unit: 'KB' });
      emit({
        suite: 'build',
        case: 'load time',
        subject: name,
        value: await loadTime(file),
        unit: 'ms',
      });
    }
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

interface Template {
  Resources?: Record<
    string,
    { Type: string; Properties?: { FunctionName?: string; Code?: { S3Key?: string } } }
  >;
}

/** The bundles of a cloud assembly with the function that each belongs to. */
async function bundles(out: string): Promise<{ name: string; file: string }[]> {
  const found = new Map<string, string>();
  for (const file of (await readdir(out)).filter((name) => name.endsWith('.template.json'))) {
    const { Resources } = JSON.parse(await readFile(join(out, file), 'utf8')) as Template;
    for (const [id, { Type, Properties }] of Object.entries(Resources ?? {})) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const asset = join(out, `asset.${Properties?.Code?.S3Key?.replace(/\.zip$/, '')}`);
      const entry = (await readdir(asset)).find((name) => /\.c?js$/.test(name));
      if (entry === undefined) throw new Error(`no entry file in the bundle of ${id}`);
      found.set(Properties?.FunctionName ?? id, join(asset, entry));
    }
  }
  if (found.size === 0) throw new Error('the assembly has no functions');
  return [...found]
    .map(([name, file]) => ({ name, file }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The best of 5 loads, each in a process of its own, in ms: what a cold start pays beside Node itself. */
async function loadTime(file: string): Promise<number> {
  const script = `const t=process.hrtime.bigint();try{require(${JSON.stringify(file)})}catch(e){if(!/environment variable/.test(e.message))throw e}process.stdout.write(String(Number(process.hrtime.bigint()-t)/1e6));process.exit(0)`;
  let best = Infinity;
  for (let turn = 0; turn < 5; turn += 1)
    best = Math.min(best, Number(await output(['-e', script])));
  return best;
}

async function timed(args: string[], env: Record<string, string>): Promise<number> {
  const start = performance.now();
  await output(args, env);
  return performance.now() - start;
}

async function output(args: string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`node ${args[0]} ended with ${code}`);
  return text;
}
