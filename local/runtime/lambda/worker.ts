/**
 * One execution environment: loads the bundle, then handles one invocation after another. It runs
 * in a worker thread whose environment variables are the function's, and takes the place of
 * Lambda's runtime interface client.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Module } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { pauseByClock, useClock } from '../movable-clock.ts';
import { collector } from './garbage.ts';
import { reach } from './internet.ts';
import {
  functionError,
  type EnvironmentSettings,
  type FromWorker,
  type FunctionError,
  type Invocation,
} from './protocol.ts';

type Handler = (event: unknown, context: object) => unknown;

/** The errors that Lambda itself finds in a bundle. */
class RuntimeError extends Error {
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

const settings = workerData as EnvironmentSettings;
const port = parentPort;
if (port === null) throw new Error('this file runs in a worker thread of the Lambda host');
const post = (message: FromWorker): void => port.postMessage(message);

/**
 * Sends printed output the way of the answers, so that it is there before the answer, and before
 * the end where the thread is killed. The thread's own streams lose what they hold.
 */
function forwardOutput(stream: NodeJS.WriteStream, level: 'INFO' | 'ERROR'): void {
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    post({ kind: 'printed', level, text });
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
}

async function load(): Promise<Handler> {
  const [, path = '', name = ''] = /^(.*)\.([^.]+)$/.exec(settings.handler) ?? [];
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(settings.taskRoot, `${path}${extension}`))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new RuntimeError(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${basename(path)}' in ${settings.taskRoot}`,
    );
  }
  const exported = isModule(file)
    ? ((await import(pathToFileURL(file).href)) as Record<string, unknown>)
    : loadCommonJs(file);
  const handler = exported[name];
  if (typeof handler !== 'function') {
    throw new RuntimeError(
      'Runtime.HandlerNotFound',
      `${settings.handler} is undefined or not exported`,
    );
  }
  if (handler.length >= 3) {
    throw new RuntimeError(
      'Runtime.CallbackHandlerDeprecated',
      'nodejs24.x does not support callback-based function handlers',
    );
  }
  return handler as Handler;
}

function isModule(file: string): boolean {
  if (!file.endsWith('.js')) return file.endsWith('.mjs');
  const description = join(settings.taskRoot, 'package.json');
  return (
    existsSync(description) &&
    (JSON.parse(readFileSync(description, 'utf8')) as { type?: string }).type === 'module'
  );
}

/**
 * Loads a bundle as Lambda does: above `/var/task` no package.json makes it a module, and no
 * node_modules has what the bundle lacks.
 */
function loadCommonJs(file: string): Record<string, unknown> {
  const bundle = new Module(file) as Module & { _compile(code: string, file: string): void };
  bundle.filename = file;
  bundle.paths = [join(dirname(file), 'node_modules')];
  // oxlint-disable-next-line no-underscore-dangle -- Node's own name
  bundle._compile(readFileSync(file, 'utf8'), file);
  return bundle.exports as Record<string, unknown>;
}

async function handle(handler: Handler, invocation: Invocation): Promise<FromWorker> {
  const { requestId, payload, deadline } = invocation;
  const context = {
    functionName: settings.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMegabytes),
    awsRequestId: requestId,
    logGroupName: settings.logGroup,
    logStreamName: settings.logStream,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  process.env['_X_AMZN_TRACE_ID'] =
    `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${requestId.replaceAll('-', '').slice(0, 24)};Sampled=0`;
  try {
    const result = await handler(JSON.parse(payload), context);
    return { kind: 'answered', payload: serialize(result) };
  } catch (error) {
    return { kind: 'failed', error: functionError(error) };
  }
}

function serialize(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (error) {
    throw new RuntimeError(
      'Runtime.MarshalError',
      `Unable to serialize the function's response: ${(error as Error).message}`,
    );
  }
}

async function start(): Promise<void> {
  let handler: Handler;
  try {
    handler = await load();
  } catch (error) {
    const initError: FunctionError = functionError(error);
    post({ kind: 'init-failed', error: initError });
    return;
  }
  const collect = collector();
  port?.on('message', (invocation: Invocation) => {
    void handle(handler, invocation).then((answer) => {
      post(answer);
      // Between invocations, which Lambda does not bill.
      setImmediate(collect);
    });
  });
  post({ kind: 'ready' });
}

if (settings.clock !== undefined) {
  useClock(settings.clock);
  pauseByClock(settings.clock, (until) => post({ kind: 'pausing', until }));
}
if (settings.internet !== undefined) reach(settings.internet);
forwardOutput(process.stdout, 'INFO');
forwardOutput(process.stderr, 'ERROR');
await start();
