import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { localRun } from '../../cli/connection.ts';
import { publishKey } from '../../cli/domain-connect.ts';
import { connect } from '../../cli/rotation.ts';
import { createTenant } from '../../cli/tenant.ts';
import { repository } from './synthesized.ts';

const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** The npm scripts that are commands of ours, and their programs. */
const commands = Object.entries(scripts).flatMap(([script, line]) => {
  const [, program] = /^node ((?:cli|bench)\/\S+)$/.exec(line) ?? [];
  return program === undefined ? [] : [[script, program] as const];
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (program: string, ...args: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { cwd: repository },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
    child.stdin?.end();
  });

test('every program is the command of a script', () => {
  expect(commands.map(([script]) => script).toSorted()).toEqual([
    'bench',
    'client',
    'cost',
    'demo',
    'doctor',
    'domain-connect',
    'identity',
    'live-check',
    'ops',
    'platform',
    'restore',
    'rotation',
    'sign',
    'start',
    'tenant',
    'verify',
  ]);
});

describe.concurrent.each(commands)('%s', (script, program) => {
  test('explains itself when asked', async () => {
    const { code, stdout, stderr } = await run(program, '--help');

    const npm = script === 'start' ? 'npm start' : `npm run ${script}`;
    expect(stdout).toMatch(new RegExp(`^Usage: ${npm}(?: -- .*)?\n\n`));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('answers an option that it does not have by one sentence', async () => {
    const { code, stdout, stderr } = await run(program, '--no-such-thing');

    expect(stderr).toMatch(/^Unknown option '--no-such-thing'; npm .+ -- --help [^\n]+\.\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('--state', () => {
  test.each([
    ['tenant', () => createTenant('A', { state: '/nowhere' })],
    ['rotation', () => connect({ state: '/nowhere' })],
    ['domain-connect', () => publishKey({ state: '/nowhere' })],
  ])('%s searches for a local run in that folder, and nowhere else', async (_command, run) => {
    await expect(async () => run()).rejects.toThrow(
      'There is no local run in /nowhere; start one with: npm start -- --state /nowhere',
    );
  });

  test('is of no use beside --aws', () => {
    expect(() => localRun({ aws: true, state: '/nowhere' })).toThrow(
      'Give either --aws or --state',
    );
  });

  test('the demo takes an empty folder only', async () => {
    const { code, stderr } = await run('cli/demo.ts', '--state', 'docs');

    expect(stderr).toMatch(/docs is not empty: the demo needs a folder of its own\.\n$/);
    expect(code).toBe(1);
  });
});
