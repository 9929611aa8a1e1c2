import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { AwsError } from './http.ts';
import type { AwsRequest, AwsResponse } from './http.ts';

/** An answer that was read to its end. */
export type ProxiedResponse = AwsResponse & { readonly body: Buffer };

/** Belongs to one connection, so it is not passed on (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

async function readResponse(message: IncomingMessage, method: string): Promise<ProxiedResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value === undefined || HOP_BY_HOP.has(name)) continue;
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  // The answer to HEAD names the length of a body that it does not have.
  const length = message.headers['content-length'];
  if (method === 'HEAD' && length !== undefined) headers['content-length'] = length;
  return { status: message.statusCode ?? 502, headers, body: Buffer.concat(chunks) };
}

/** Passes requests on as they are to a server that speaks the service's protocol, and its answers back. */
export function proxyTo(url: string): {
  readonly handle: (request: AwsRequest) => Promise<ProxiedResponse>;
  close(): void;
} {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true });
  const forward = (request: AwsRequest): Promise<ProxiedResponse> =>
    new Promise((resolve, reject) => {
      const query = request.query.size === 0 ? '' : `?${request.query.toString()}`;
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.has(name)),
      );
      const outgoing = httpRequest(
        {
          agent,
          hostname,
          port,
          method: request.method,
          path: request.path + query,
          headers: { ...headers, 'content-length': String(request.body.length) },
          ...(request.signal && { signal: request.signal }),
        },
        (message) => {
          readResponse(message, request.method).then(resolve, reject);
        },
      );
      outgoing.on('error', (error) => {
        reject(new AwsError('ServiceUnavailable', `${url} does not answer: ${error.message}`, 503));
      });
      outgoing.end(request.body);
    });
  return { handle: forward, close: () => agent.destroy() };
}
