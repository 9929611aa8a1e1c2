import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Faults, parseFaultPlan } from '../local/aws/faults.ts';
import { AlreadyRunningError } from '../local/runtime/lock.ts';
import { whenNpmIsGone } from '../local/runtime/orphan.ts';
import {
  CommandError,
  folderOf,
  readArguments,
  runCommand,
  shellFolder,
  stateOption,
  UsageError,
} from './command.ts';
import { defaultStateDir } from './connection.ts';
import { CAST } from './sample/cast.ts';
import { writeKeyPairs } from './sample/key-pairs.ts';
import { hasSample } from './sample/mark.ts';
import { quickTour } from './service/quick-tour.ts';
import { startLocal, type LocalRun } from './service/run.ts';

const USAGE = `Usage: npm start -- [--state DIR] [--fast] [--faults seed=7,rate=4%] [--sample[=DOMAINS]]

Runs the service on this machine until Ctrl-C, and prints a tour. All state is in the folder DIR
(default: .local) and outlasts the run; each folder is a service of its own. API_PORT,
DASHBOARD_PORT and DNS_PORT choose ports; otherwise they are those of the folder's last run.
--fast lifts the rates of Amazon SES, KMS and Route 53 that the stand-ins hold, as AWS does.
--faults has that share of the functions' calls of AWS throttled, answered 503, reset, lost after they
were done, or left without an answer, and that share of the messages in queues come twice, or late;
the seed decides which.
--sample puts three tenants into a new folder, with domains in every state and a month of mail and
reports, and lifts those rates; --sample=3000 adds so many domains.`;

const options = {
  ...stateOption,
  fast: { type: 'boolean' },
  faults: { type: 'string' },
  sample: { type: 'string' },
} as const;

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

/** Gives an option that needs a value its default where it has none. */
function withDefaultOf(option: string, value: string): void {
  process.argv = process.argv.map((each) => (each === option ? `${option}=${value}` : each));
}

/** @throws CommandError on what is no number of domains */
function domainsOf(sample: string): number {
  if (/^\d{1,5}$/.test(sample)) return Number(sample);
  throw new CommandError(`--sample=${sample}: give a number of further domains, such as 3000`);
}

async function keyPairsFor(stateDir: string, further: number): Promise<string> {
  const file = join(stateDir, 'sample-key-pairs.json');
  await mkdir(stateDir, { recursive: true });
  await writeKeyPairs(file, further + CAST);
  return file;
}

async function fill(run: LocalRun, further: number): Promise<void> {
  const started = performance.now();
  console.log('Adding the sample: tenants, domains, a month of mail and reports ...');
  // Other starts do without the clients, which take a tenth of a second to load.
  const { addSample } = await import('./sample/add-sample.ts');
  const { tenants } = await addSample(run, further);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const keys = tenants.map(({ name, apiKey }) => `  ${name.padEnd(14)} ${apiKey}`).join('\n');
  console.log(`The sample is there after ${seconds} s. Its tenants sign in with:\n${keys}\n`);
}

/** @throws UsageError where it is no plan of faults */
function faultsOf(text: string | undefined): Partial<Pick<Faults, 'fail' | 'disorder'>> {
  if (text === undefined) return {};
  const plan = parseFaultPlan(text);
  if (plan !== undefined) {
    const { fail, disorder } = new Faults(plan);
    return { fail, disorder };
  }
  throw new UsageError(`--faults is ${text}; give a seed and a share: --faults seed=7,rate=4%`);
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
  withDefaultOf('--sample', '0');
  const { state, fast = false, faults, sample } = readArguments(USAGE, options).values;
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
  const wanted = sample === undefined || hasSample(stateDir) ? undefined : domainsOf(sample);
  const stock = wanted === undefined ? {} : { keyPairs: await keyPairsFor(stateDir, wanted) };
  const lifted = fast || sample !== undefined;
  running = await startLocal({ stateDir, fast: lifted, ...faultsOf(faults), ...ports, ...stock });
  if (signalled !== undefined) await stop(running);
  if (wanted !== undefined) await fill(running, wanted);
  const seconds = (running.readyMilliseconds / 1000).toFixed(1);
  const { api, dashboard } = running.endpoints;
  console.log(`Ready after ${seconds} s: API ${api}, dashboard ${dashboard}\n`);
  console.log(quickTour(running, shellFolder()));
}

await runCommand(start, wordsOf);
// Handles that a failed start left open must not delay the exit.
if (process.exitCode !== undefined) process.exit();
