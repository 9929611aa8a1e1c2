import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createContext, runInContext } from 'node:vm';
import type { DeclaredBehavior, DeclaredDistribution, Header } from './deployment.ts';

export interface DistributionServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Milliseconds after which a function that rewrites addresses is taken to be without end.
 * CloudFront counts computing alone; the wall clock here runs on while the machine does other work.
 */
const REWRITE_LIMIT = 10_000;

const types: Readonly<Record<string, string>> = { '.json': 'application/json' };

interface Kept {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Epoch milliseconds. */
  readonly until: number;
}

/**
 * Serves the templates' distribution on 127.0.0.1: its headers, rewritten addresses, and the HTTP
 * API as the origin of all. Answers of a behaviour that caches are kept as long as they say.
 *
 * @param files answers in place of the origin, by path: `/config.json`
 * @param apiUrl where the HTTP API is
 * @param log takes what went wrong
 */
export async function startDistribution(
  distribution: DeclaredDistribution,
  files: Readonly<Record<string, string>>,
  apiUrl: string,
  port: number,
  log: (problem: string) => void,
): Promise<DistributionServer> {
  const kept = new Map<string, Kept>();
  const rewritten = new Map<string, (path: string) => string>();
  const server = createServer((incoming, outgoing) => {
    const url = incoming.url ?? '/';
    const [asked = '/', query] = url.split('?');
    const behavior =
      distribution.behaviors.find(({ prefix }) => asked.startsWith(prefix)) ??
      distribution.defaultBehavior;
    const path = behavior.rewrite === undefined ? asked : rewrite(behavior.rewrite, asked);
    const file = behavior === distribution.defaultBehavior ? files[path] : undefined;
    if (file !== undefined) {
      setHeaders(outgoing, behavior.headers);
      outgoing.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
      outgoing.end(file);
      return;
    }
    const target = `${apiUrl}${behavior.originPath}${path}${query === undefined ? '' : `?${query}`}`;
    const failed = (error: unknown): void => {
      log(`distribution ${path}: ${(error as Error).message}`);
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
    };
    if (behavior.caches && incoming.method === 'GET') {
      throughCache(target, kept, behavior, outgoing).catch(failed);
    } else {
      passOn(incoming, outgoing, target, behavior.headers, failed);
    }
  });
  const rewrite = (code: string, path: string): string => {
    const found = rewritten.get(code) ?? rewriting(code);
    rewritten.set(code, found);
    return found(path);
  };
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const listening = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${listening}`,
    port: listening,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The addresses that a CloudFront function makes of those that it is given. */
function rewriting(code: string): (path: string) => string {
  const context = createContext({});
  runInContext(code, context, { timeout: REWRITE_LIMIT });
  return (path) => {
    context['event'] = { request: { uri: path } };
    const { uri } = runInContext('handler(event)', context, { timeout: REWRITE_LIMIT }) as {
      uri: string;
    };
    return uri;
  };
}

/** Answers with what is kept, or else asks the origin without the viewer's headers, as CloudFront does. */
async function throughCache(
  target: string,
  kept: Map<string, Kept>,
  behavior: DeclaredBehavior,
  outgoing: ServerResponse,
): Promise<void> {
  const known = kept.get(target);
  if (known !== undefined && Date.now() < known.until) {
    send(outgoing, 200, known, behavior);
    return;
  }
  const asked = request(target);
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const body = await buffer(answer);
  const status = answer.statusCode ?? 502;
  const [, seconds = '0'] = /max-age=(\d+)/.exec(answer.headers['cache-control'] ?? '') ?? [];
  const found = { headers: answer.headers, body, until: Date.now() + Number(seconds) * 1000 };
  if (status === 200) kept.set(target, found);
  send(outgoing, status, found, behavior);
}

function send(
  outgoing: ServerResponse,
  status: number,
  { headers, body }: Kept,
  behavior: DeclaredBehavior,
): void {
  copyHeaders(headers, outgoing);
  setHeaders(outgoing, behavior.headers);
  outgoing.writeHead(status);
  outgoing.end(body);
}

/** The request as it is to the origin, but for its Host; the answer as it is, with the policy's headers. */
function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
  headers: readonly Header[],
  failed: (error: unknown) => void,
): void {
  const { host: _, ...sent } = incoming.headers;
  const forward = request(target, { method: incoming.method ?? 'GET', headers: sent }, (answer) => {
    copyHeaders(answer.headers, outgoing);
    setHeaders(outgoing, headers);
    outgoing.writeHead(answer.statusCode ?? 502);
    answer.pipe(outgoing);
  });
  let left = false;
  forward.on('error', (error) => {
    if (!left) failed(error);
  });
  outgoing.on('close', () => {
    left = true;
    forward.destroy();
  });
  incoming.pipe(forward);
}

function copyHeaders(from: IncomingMessage['headers'], outgoing: ServerResponse): void {
  for (const [name, value] of Object.entries(from)) {
    if (value !== undefined && name !== 'connection') outgoing.setHeader(name, value);
  }
}

function setHeaders(outgoing: ServerResponse, headers: readonly Header[]): void {
  for (const { name, value, override } of headers) {
    if (override || !outgoing.hasHeader(name)) outgoing.setHeader(name, value);
  }
}
