import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findDynamoDb, type DynamoDbSource } from './dynamodb-source.ts';
import type { AwsHandler, AwsRequest } from './http.ts';
import { proxyTo } from './proxy.ts';
import type { ProxiedResponse } from './proxy.ts';

export interface DynamoDbOptions {
  readonly stateDir: string;
  readonly region: string;
  readonly accountId: string;
  /** Default: what the machine has. */
  readonly source?: DynamoDbSource;
  readonly log: (message: string) => void;
}

export interface DynamoDb {
  readonly handle: AwsHandler;
  /** The address of the database itself; clients use the gateway. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * The beginning of DynamoDB's ARNs; emulators write a region and an account of their own into it.
 */
const ARN = /arn:aws:dynamodb:[^:"]*:[^:"]*:/g;

/** Operations whose bodies carry items, not ARNs: passed on untouched. */
const ITEM_OPERATION =
  /\.(?:Batch|Transact|GetItem|PutItem|UpdateItem|DeleteItem|Query|Scan|GetRecords)/;

/**
 * Passes requests on in the name of one caller, with the ARNs in them translated to this deployment's
 * region and account. A caller learns an ARN from an answer only, so the first answer with one shows
 * how the emulator writes them.
 */
function translating(
  handle: (request: AwsRequest) => Promise<ProxiedResponse>,
  { region, accountId }: DynamoDbOptions,
): AwsHandler {
  const arn = `arn:aws:dynamodb:${region}:${accountId}:`;
  let theirs = arn;
  return async (incoming) => {
    const request = inOneName(incoming, region);
    if (ITEM_OPERATION.test(request.headers['x-amz-target'] ?? '')) return handle(request);
    const body = Buffer.from(request.body.toString('utf8').replaceAll(arn, theirs));
    const response = await handle({ ...request, body });
    const text = response.body.toString().replaceAll(ARN, (found) => {
      theirs = found;
      return arn;
    });
    // The checksum was of the body before the translation; clients go without.
    const { 'x-amz-crc32': _, ...headers } = response.headers;
    return { ...response, headers, body: text };
  };
}

/**
 * Puts one access key and region into a request's credential. DynamoDB Local keeps a database of its
 * own for each (unless started with -sharedDb), and takes letters and digits only; it checks no
 * signature.
 */
function inOneName(request: AwsRequest, region: string): AwsRequest {
  const { authorization, ...headers } = request.headers;
  if (authorization === undefined) return request;
  const credential = `Credential=local/$1/${region}/`;
  return {
    ...request,
    headers: {
      ...headers,
      authorization: authorization.replace(/Credential=[^/]+\/(\d+)\/[^/]+\//, credential),
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/**
 * Runs the binary so that it cannot outlive us. The shell leaves a watcher on our end of the pipe,
 * which ends it when we are gone, SIGKILL included, and becomes the binary itself.
 */
const WATCHED =
  'exec 3<&0; (cat <&3 >/dev/null; kill -KILL $$) >/dev/null 2>&1 & exec "$0" "$@" 3<&- </dev/null';

function start(binary: string, stateDir: string, port: number): ChildProcess {
  mkdirSync(stateDir, { recursive: true });
  const database = join(stateDir, 'dynamodb.sqlite');
  const args = ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', database];
  return spawn('/bin/sh', ['-c', WATCHED, binary, ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // In a session of its own Ctrl-C does not reach it, which must be there until all else has stopped.
    detached: true,
  });
}

async function ready(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    try {
      await fetch(url);
      return;
    } catch {
      await sleep(20);
    }
  }
  child.kill('SIGKILL');
  throw new Error(`dynoxide did not start: ${output() || 'it gave no reason'}`);
}

/**
 * DynamoDB with streams: dynoxide in a process of its own, its tables in the state directory, or a
 * server of the user's own.
 *
 * @throws NoDynamoDbError where this machine has neither
 */
export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDb> {
  const { source = findDynamoDb() } = options;
  if ('endpoint' in source) {
    const proxy = proxyTo(source.endpoint);
    return {
      handle: translating(proxy.handle, options),
      endpoint: source.endpoint,
      close: async () => proxy.close(),
    };
  }
  if (process.env['AWS_ENDPOINT_URL_DYNAMODB']) {
    options.log(`AWS_ENDPOINT_URL_DYNAMODB is not used: there is ${source.binary}`);
  }
  const port = await freePort();
  const child = start(source.binary, options.stateDir, port);
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child, () => output);
  let closing = false;
  const exited = once(child, 'exit');
  child.once('exit', (code, signal) => {
    if (!closing) options.log(`dynoxide ended by itself (${code ?? signal}): ${output}`);
  });
  const proxy = proxyTo(url);
  return {
    handle: translating(proxy.handle, options),
    endpoint: url,
    async close() {
      closing = true;
      proxy.close();
      child.kill('SIGTERM');
      const stubborn = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(stubborn);
      child.stdin?.destroy();
    },
  };
}
