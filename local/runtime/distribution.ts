import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import type { Site } from './app.ts';
import type { DeclaredDistribution, Header } from './deployment.ts';

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

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/**
 * Serves a site on 127.0.0.1 as the templates' distribution would: with its headers, rewritten
 * addresses, and the API below the paths that it names. The site is built at the first request for
 * a page.
 *
 * @param apiUrl where the HTTP API is
 * @param report takes what went wrong
 */
export async function startDistribution(
  distribution: DeclaredDistribution,
  site: Site,
  apiUrl: string,
  port: number,
  log: (problem: string) => void,
): Promise<DistributionServer> {
  const rewritten = rewriting(distribution.rewrite);
  const server = createServer((incoming, outgoing) => {
    const path = (incoming.url ?? '/').split('?')[0] ?? '/';
    const api = distribution.apiBehaviors.find(({ prefix }) => path.startsWith(prefix));
    if (api !== undefined) {
      passOn(incoming, outgoing, apiUrl, api.headers);
      return;
    }
    serveFile(path, rewritten, site, distribution.headers, outgoing).catch((error: unknown) => {
      log(`dashboard ${path}: ${(error as Error).message}`);
      outgoing.writeHead(500, { 'content-type': 'text/plain' });
      outgoing.end('The dashboard could not be built; the log of the local run says why.\n');
    });
  });
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

async function serveFile(
  path: string,
  rewritten: (path: string) => string,
  site: Site,
  headers: readonly Header[],
  outgoing: ServerResponse,
): Promise<void> {
  const uri = rewritten(path);
  const beside = site.beside[uri];
  const found = beside === undefined ? await fileAt(uri, site) : Buffer.from(beside);
  setHeaders(outgoing, headers);
  if (found === undefined) {
    outgoing.writeHead(404, { 'content-type': 'text/plain' });
    outgoing.end('Not found\n');
    return;
  }
  outgoing.writeHead(200, {
    'content-type': types[extname(uri)] ?? 'application/octet-stream',
    'content-length': found.length,
    'cache-control': 'no-cache',
  });
  outgoing.end(found);
}

/** @returns undefined where there is no such file */
async function fileAt(uri: string, site: Site): Promise<Buffer | undefined> {
  // The parts of a page were built with it.
  if (extname(uri) === '.html') await site.build();
  const { folder } = site;
  const file = join(folder, uri);
  if (!file.startsWith(folder + sep)) return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The request as it is to the API, but for its Host; the answer as it is, with the policy's headers. */
function passOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  apiUrl: string,
  headers: readonly Header[],
): void {
  const { host: _, ...sent } = incoming.headers;
  const forward = request(
    `${apiUrl}${incoming.url}`,
    { method: incoming.method ?? 'GET', headers: sent },
    (answer) => {
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value !== undefined && name !== 'connection') outgoing.setHeader(name, value);
      }
      setHeaders(outgoing, headers);
      outgoing.writeHead(answer.statusCode ?? 502);
      answer.pipe(outgoing);
    },
  );
  forward.on('error', () => {
    if (!outgoing.headersSent) outgoing.writeHead(502);
    outgoing.end();
  });
  outgoing.on('close', () => forward.destroy());
  incoming.pipe(forward);
}

function setHeaders(outgoing: ServerResponse, headers: readonly Header[]): void {
  for (const { name, value, override } of headers) {
    if (override || !outgoing.hasHeader(name)) outgoing.setHeader(name, value);
  }
}
