import { resolve } from 'node:path';
import { quickTour } from './quick-tour.ts';
import { whenNpmIsGone } from './runtime/orphan.ts';
import { startLocal, type LocalRun } from './run.ts';

// Lambda's clock is in UTC.
process.env['TZ'] = 'UTC';

const root = resolve(import.meta.dirname, '..');
/** What a shell gives a process that Ctrl-C ended. */
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
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
whenNpmIsGone(onSignal);

try {
  const ports = {
    apiPort: portOf('API_PORT'),
    dashboardPort: portOf('DASHBOARD_PORT'),
    dnsPort: portOf('DNS_PORT'),
  };
  console.log('Synthesizing the CDK app and starting what its templates declare ...');
  running = await startLocal({ stateDir: resolve(root, '.local'), ...ports });
  if (signalled !== undefined) await stop(running);
  const seconds = (running.readyMilliseconds / 1000).toFixed(1);
  const { api, dashboard } = running.endpoints;
  console.log(`Ready after ${seconds} s: API ${api}, dashboard ${dashboard}\n`);
  console.log(quickTour(running, process.cwd()));
} catch (error) {
  fail(error);
}
