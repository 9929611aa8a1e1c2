import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AwsCall, CallResources } from './call.ts';
import { deriveCalls } from './calls.ts';

import { answering } from './errors.ts';
import type { ErrorShape } from './errors.ts';
import { AwsError, type Fault, HANG, HANG_UP, LOSE_ANSWER } from './http.ts';
import type { AwsHandler, AwsRequest, AwsResponse, Clock } from './http.ts';
import { checkPresigned, isPresigned } from './presigned.ts';
import { isV2 } from './ses-v2.ts';

/** The services the gateway knows, by the name in the SigV4 credential scope, with the shape of their errors. */
export const SERVICES = {
  acm: 'json',
  'cognito-idp': 'json',
  dynamodb: 'json',
  events: 'json',
  kms: 'json',
  lambda: 'rest-json',
  route53: 'route53',
  s3: 's3',
  ses: 'ses',
  sns: 'sns',
  sqs: 'sqs',
} as const satisfies Readonly<Record<string, ErrorShape>>;
export type Service = keyof typeof SERVICES;

export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: string };

/** Says whether the holder of an access key may make a call. */
export type Authorize = (accessKeyId: string, call: AwsCall) => Decision;

export interface GatewayOptions {
  readonly port: number;
  readonly host?: string;
  readonly services: Readonly<Partial<Record<Service, AwsHandler>>>;
  readonly authorize: Authorize;
  readonly resources: CallResources;
  /** Plants faults: what it returns is answered in place of the service. */
  readonly fail?: ((call: AllowedCall) => Fault | undefined) | undefined;
  /** The secret of an access key, by which presigned requests are checked. Default: none has one. */
  readonly secretOf?: (accessKeyId: string) => string | undefined;
  readonly now?: Clock;
  /** Gets each call that a service has answered. */
  readonly observe?: ((call: AnsweredCall) => void) | undefined;
}

/** A call that was allowed. */
export interface AllowedCall {
  readonly accessKeyId: string;
  readonly service: Service;
  readonly request: AwsRequest;
}

/** A call that was allowed, and what its service answered. */
export interface AnsweredCall extends AllowedCall {
  readonly response: AwsResponse | typeof HANG_UP;
}

export interface Gateway {
  /** The value that AWS_ENDPOINT_URL must have. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** More than any request that a stand-in would accept: SES v2 takes 40 MB of base64. */
const MAX_BODY = 48 * 1024 * 1024;

const CREDENTIAL = /Credential=([^/,\s]+)\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/;

interface Caller {
  readonly accessKeyId: string;
  readonly service: string;
}

/** Reads the credential scope (SigV4) from the Authorization header or a presigned URL. The signature is checked of presigned requests only, which others than the signer send. */
function callerOf(request: Pick<AwsRequest, 'headers' | 'query'>): Caller | undefined {
  const presigned = request.query.get('X-Amz-Credential');
  const scope =
    request.headers['authorization'] ?? (presigned === null ? '' : `Credential=${presigned}`);
  const match = CREDENTIAL.exec(scope);
  return match === null ? undefined : { accessKeyId: match[1] ?? '', service: match[3] ?? '' };
}

const isService = (name: string): name is Service => Object.hasOwn(SERVICES, name);

/** SES has two APIs with one name in the credential scope. */
const shapeOf = (service: Service, request: AwsRequest): ErrorShape =>
  service === 'ses' && isV2(request) ? 'rest-json' : SERVICES[service];

/** The shape for an error about a request that names no service of ours: as its body is encoded. */
const guessShape = (request: AwsRequest): ErrorShape =>
  request.headers['content-type']?.includes('json') === true ? 'json' : 'ses';

/** By events: an iterator costs each call a tenth of its time. */
async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  message.on('data', (chunk: Buffer) => {
    length += chunk.length;
    // Too long a body is read to its end all the same, for the client to get to the answer.
    if (length <= MAX_BODY) chunks.push(chunk);
    else chunks.length = 0;
  });
  await once(message, 'end');
  if (length > MAX_BODY) {
    throw new AwsError('RequestEntityTooLarge', `The body has more than ${MAX_BODY} octets.`, 413);
  }
  return Buffer.concat(chunks);
}

function accessDenied(call: AwsCall, accessKeyId: string, reason: string, v2: boolean): AwsError {
  const message = `User: ${accessKeyId} is not authorized to perform: ${call.action} on resource: ${call.resource} because ${reason}`;
  const json = /^(?:dynamodb|kms):/.test(call.action);
  return new AwsError(
    json || v2 ? 'AccessDeniedException' : 'AccessDenied',
    message,
    json || call.action.startsWith('sqs:') ? 400 : 403,
  );
}

function requestOf(message: IncomingMessage, signal: AbortSignal): Omit<AwsRequest, 'body'> {
  const target = message.url ?? '/';
  const at = target.indexOf('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  return {
    method: message.method ?? 'GET',
    path: at === -1 ? target : target.slice(0, at),
    query: new URLSearchParams(at === -1 ? '' : target.slice(at + 1)),
    headers,
    signal,
  };
}

/** The content of an object is passed on as it comes, of any size. */
const isUpload = (head: Omit<AwsRequest, 'body'>): boolean =>
  head.method === 'PUT' && callerOf(head)?.service === 's3';

/** Its unread rest can still be read to its end. */
const uploadOf = (message: IncomingMessage): AsyncIterable<Buffer> =>
  message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;

async function dispatch(
  request: AwsRequest,
  options: GatewayOptions,
): Promise<AwsResponse | typeof HANG_UP> {
  const caller = callerOf(request);
  const service = caller?.service ?? '';
  const shape = isService(service) ? shapeOf(service, request) : guessShape(request);
  return answering(shape, async () => {
    if (caller === undefined) {
      throw new AwsError(
        'MissingAuthenticationToken',
        'The request is not signed: it has no credential scope to find its service by.',
        403,
      );
    }
    const handler = isService(service) ? options.services[service] : undefined;
    if (handler === undefined || !isService(service)) {
      throw new AwsError(
        'UnknownOperationException',
        `There is no stand-in for the service ${service}.`,
      );
    }
    if (isPresigned(request)) {
      const { secretOf = () => undefined, now = Date.now } = options;
      checkPresigned(request, secretOf, now);
    }
    for (const call of deriveCalls(service, request, options.resources)) {
      const decision = options.authorize(caller.accessKeyId, call);
      if (!decision.allowed) {
        const v2 = shape === 'rest-json';
        throw accessDenied(call, caller.accessKeyId, decision.reason, v2);
      }
    }
    const allowed = { accessKeyId: caller.accessKeyId, service, request };
    const fault = options.fail?.(allowed);
    if (fault === HANG) await gone(request);
    if (fault === HANG || fault === HANG_UP) return HANG_UP;
    if (fault instanceof AwsError) throw fault;
    const response = await handler(request);
    options.observe?.({ ...allowed, response });
    if (fault !== LOSE_ANSWER) return response;
    // The file of an object that nobody reads.
    if (response !== HANG_UP && response.body instanceof Readable) response.body.destroy();
    return HANG_UP;
  });
}

/** Waits until the client has hung up. */
async function gone({ signal }: AwsRequest): Promise<void> {
  if (signal === undefined || signal.aborted) return;
  await once(signal, 'abort');
}

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  options: GatewayOptions,
): Promise<void> {
  const abort = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) abort.abort();
  });
  const head = requestOf(message, abort.signal);
  const shape = guessShape({ ...head, body: Buffer.alloc(0) });
  const answer = await answering(shape, async () =>
    isUpload(head)
      ? dispatch({ ...head, body: Buffer.alloc(0), upload: uploadOf(message) }, options)
      : dispatch({ ...head, body: await readBody(message) }, options),
  );
  // The unread rest of an upload is read to its end, for the client to get to the answer.
  message.resume();
  if (answer === HANG_UP) {
    response.destroy();
    return;
  }
  if (answer.body instanceof Readable) {
    response.writeHead(answer.status, answer.headers);
    await pipeline(answer.body, response);
    return;
  }
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const length = { 'content-length': String(body.length) };
  // The answer to HEAD has the length of a body that is not there.
  const headers = head.method === 'HEAD' ? answer.headers : { ...answer.headers, ...length };
  response.writeHead(answer.status, headers);
  response.end(head.method === 'HEAD' ? undefined : body);
}

/**
 * Serves every service at one endpoint. It finds service and caller in the credential scope and
 * asks `authorize` about every action and resource of the request. Then the service's handler gets
 * it.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer((message, response) => {
    serve(message, response, options).catch(() => response.destroy());
  });
  // A connection that is closed here while its client takes it up again is a call of unknown outcome.
  server.keepAliveTimeout = 0;
  server.listen(options.port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway has no port');
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
