import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { App } from '../../../local/runtime/app.ts';
import { startApp } from '../../../local/runtime/run.ts';

/** Milliseconds; the app is synthesized in it, by a process of its own. */
const LIMIT = 180_000;

const notes: App = {
  root: join(import.meta.dirname, 'notes-app'),
  main: 'app.ts',
  inputs: ['**/*'],
  region: 'eu-north-1',
};

let stateDir: string;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'another-app-'));
});

afterEach(() => rm(stateDir, { recursive: true }));

test(
  'another app runs from its templates, and may do what its policies grant',
  async () => {
    const run = await startApp(notes, { stateDir, quiet: true });
    const call = (method: string, body?: string): Promise<Response> =>
      fetch(`${run.api}/notes/a`, { method, ...(body !== undefined && { body }) });

    const answers = [await call('PUT', 'hello'), await call('GET'), await call('DELETE')];
    await run.stop();

    expect(answers.map(({ status }) => status)).toEqual([204, 200, 500]);
    expect(await answers[1]!.text()).toBe('hello');
    const denied = await readFile(join(stateDir, 'logs/denied.log'), 'utf8');
    expect(denied).toContain('"action":"dynamodb:DeleteItem"');
    expect(run.site).toBeUndefined();
  },
  LIMIT,
);
