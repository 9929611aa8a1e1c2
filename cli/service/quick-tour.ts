import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { LocalRun } from './run.ts';

const root = resolve(import.meta.dirname, '../..');

/** Where the commands of README.md have the state of the run. */
const STATE = '.local/';

/**
 * Returns the commands of README.md's tour, for a state in another folder and a shell in another.
 *
 * @param stateDir of the run
 * @param folder that the shell is in
 * @throws Error where README.md has no tour
 */
export function tourCommands(stateDir: string, folder: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, commands] = /^## The tour$.*?^```sh\n(.*?)^```$/ms.exec(readme) ?? [];
  if (commands === undefined) throw new Error('README.md has no commands under "The tour"');
  const project = relative(folder, root);
  const run = project === '' ? 'npm run -s' : `npm run -s --prefix ${project}`;
  const state = relative(folder, stateDir) || '.';
  return commands.replaceAll(STATE, `${state}/`).replaceAll('npm run -s', run);
}

/**
 * Returns what a person may do first with a run: README.md's tour, to paste into a shell.
 *
 * @param folder that the shell is in, for the paths
 */
export function quickTour({ endpoints, stateDir }: LocalRun, folder: string): string {
  const { apiKey, dashboard, platformKey } = endpoints;
  const state = relative(folder, stateDir) || '.';
  return `What a customer sees: ${dashboard}, signed in to with the API key ${apiKey}
The operator's console: ${dashboard}/operator, signed in to with the platform key ${platformKey}

The same by the API, to paste into another terminal:

${tourCommands(stateDir, folder)}
Logs are in ${join(state, 'logs')}; all state is in ${state}, remove it to start afresh. Ctrl-C stops.
`;
}
