import { AlreadyRunningError } from '../local/runtime/lock.ts';
import { whenNpmIsGone } from '../local/runtime/orphan.ts';
import { folderOf, readArguments, runCommand, shellFolder, stateOption } from './command.ts';
import { defaultStateDir } from './connection.ts';
import { quickTour } from './service/quick-tour.ts';
import { startLocal, type LocalRun } from './service/run.ts';

const USAGE = `Usage: npm start -- [--state DIR]

Runs the service on this machine until Ctrl-C, and prints a tour. All state is in the folder DIR
(default: .local) and outlasts the run; each folder is a service of its own. API_PORT,
DASHBOARD_PORT and DNS_PORT choose ports; otherwise they are those of the folder's last run.`;

// Lambda's clock is in UTC.
process.env['TZ'] = 'UTC';

/** The exit code that a shell gives a process that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Milliseconds within which a second signal is the first one again: npm passes on what the terminal also sent. */
const SAME_SIGNAL = 500;

let signalled: number | undefined;
let running: LocalRun | undefined;

/** @throws Error on a value that is no port */
function portOf(variable: string): number {
  const value = process.env[variable] ?? '0';
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65_535) return port;
  throw new Error(`${variable} is ${value}: give a port from 1 to 65535, or 0 for any`);
}

async function stop(run: LocalRun): Promise<void> {
  console.log('Stopping: what is under way is finished first; Ctrl-C again ends it at once.');
  await run.stop();
  process.exit(0);
}

function onSignal(): void {
  if (signalled !== undefined) {
    if (Date.now() - signalled > SAME_SIGNAL) process.exit(INTERRUPTED);
    return;
  }
  signalled = Date.now();
  if (running !== undefined) void stop(running).catch(fail);
}

function fail(error: unknown): never {
  console.error(wordsOf(error));
  process.exit(1);
}

function wordsOf(error: unknown): unknown {
  if (error instanceof AlreadyRunningError) return `${error.message}: npm start -- --state DIR`;
  return error instanceof Error ? error.message : error;
}

async function start(): Promise<void> {
  const { state } = readArguments(USAGE, stateOption).values;
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  whenNpmIsGone(onSignal);
  const ports = {
    apiPort: portOf('API_PORT'),
    dashboardPort: portOf('DASHBOARD_PORT'),
    dnsPort: portOf('DNS_PORT'),
  };
  const stateDir = state === undefined ? defaultStateDir : folderOf(state);
  console.log('Synthesizing the CDK app and starting what its templates declare ...');
  running = await startLocal({ stateDir, ...ports });
  if (signalled !== undefined) await stop(running);
  const seconds = (running.readyMilliseconds / 1000).toFixed(1);
  const { api, dashboard } = running.endpoints;
  console.log(`Ready after ${seconds} s: API ${api}, dashboard ${dashboard}\n`);
  console.log(quickTour(running, shellFolder()));
}

await runCommand(start, wordsOf);
// Handles that a failed start left open must not delay the exit.
if (process.exitCode !== undefined) process.exit();
