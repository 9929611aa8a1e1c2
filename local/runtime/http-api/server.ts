import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Outcome } from '../lambda/environment.ts';
import { PAYLOAD_LIMIT } from '../lambda/function.ts';
import {
  authorizerEvent,
  commonEvent,
  identityOf,
  requestEvent,
  type ApiContext,
  type HttpRequest,
} from './event.ts';
import { apiGatewayAnswer, responseOf, type HttpResponse } from './response.ts';
import { matchRoute } from './route.ts';

/** Invokes a function with an event in JSON. */
export type Invoke = (payload: string) => Promise<Outcome>;

export interface Authorizer {
  readonly invoke: Invoke;
  /** `$request.header.Name` and `$request.querystring.name`; all must be there. */
  readonly identitySources: readonly string[];
}

export interface Route {
  readonly routeKey: string;
  readonly invoke: Invoke;
  readonly timeoutMilliseconds: number;
  readonly authorizer?: Authorizer;
  /** Requests beyond it are answered 429, before the authorizer. */
  readonly throttle?: { take(): boolean };
}

export interface HttpApi extends ApiContext {
  readonly routes: readonly Route[];
}

export interface HttpApiServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests and waits for those under way. */
  close(): Promise<void>;
}

/** The most bytes of a request's body. */
export const BODY_LIMIT = 10 * 1024 * 1024;
/** API Gateway waits so long for an authorizer (in milliseconds). */
const AUTHORIZER_LIMIT = 10_000;

const simpleResponse = z.object({
  isAuthorized: z.boolean(),
  context: z.record(z.string(), z.unknown()).nullish(),
});

/** A request that ends here, with API Gateway's own answer. */
class Answered extends Error {
  readonly response: HttpResponse;

  constructor(status: number, message: string) {
    super(message);
    this.response = apiGatewayAnswer(status, message);
  }
}

const internalServerError = (): Answered => new Answered(500, 'Internal Server Error');

/**
 * Serves an HTTP API on 127.0.0.1 as API Gateway does.
 *
 * @param report takes what went wrong in a way that API Gateway hides from its callers
 */
export async function startHttpApi(
  api: HttpApi,
  port: number,
  log: (problem: string) => void,
): Promise<HttpApiServer> {
  const server = createServer((incoming, outgoing) => {
    serve(api, incoming, outgoing, log, () => !server.listening).catch((error: unknown) => {
      log(`${incoming.method} ${incoming.url}: ${String(error)}`);
      outgoing.destroy();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${taken}`, port: taken, close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}

async function serve(
  api: HttpApi,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  log: (problem: string) => void,
  isClosing: () => boolean,
): Promise<void> {
  const requestId = randomUUID();
  let response: HttpResponse;
  try {
    response = await answer(api, await readRequest(incoming), requestId, log);
  } catch (error) {
    if (!(error instanceof Answered)) throw error;
    response = error.response;
  }
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  outgoing.setHeader('apigw-requestid', requestId);
  if (isClosing()) outgoing.setHeader('connection', 'close');
  if (response.status !== 204) outgoing.setHeader('content-length', response.body.length);
  outgoing.end(incoming.method === 'HEAD' ? undefined : response.body);
}

async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Too large a body is still read to its end: a client that is cut off while it sends does not see
  // the answer.
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= BODY_LIMIT) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (length > BODY_LIMIT) throw new Answered(413, 'Request Entity Too Large');
  return {
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    httpVersion: incoming.httpVersion,
    headers: incoming.headers,
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
    body: Buffer.concat(chunks),
  };
}

async function answer(
  api: HttpApi,
  request: HttpRequest,
  requestId: string,
  log: (problem: string) => void,
): Promise<HttpResponse> {
  const [path = '/'] = request.url.split('?');
  const match = matchRoute(api.routes, request.method, path);
  if (match === undefined) throw new Answered(404, 'Not Found');
  const { route, pathParameters } = match;
  if (route.throttle?.take() === false) throw new Answered(429, 'Too Many Requests');
  const common = commonEvent(request, api, { routeKey: route.routeKey, pathParameters }, requestId);
  const place = `${request.method} ${path} (${route.routeKey})`;
  const authorized =
    route.authorizer && (await authorize(route.authorizer, api, common, place, log));
  const event = JSON.stringify(requestEvent(common, request.body, authorized));
  // Lambda refuses the event, and API Gateway passes that on.
  if (Buffer.byteLength(event) > PAYLOAD_LIMIT) throw new Answered(413, 'Request Entity Too Large');
  const outcome = await withinTime(route.invoke(event), route.timeoutMilliseconds);
  if (outcome === undefined) throw new Answered(503, 'Service Unavailable');
  if (!outcome.answered) {
    log(`${place}: ${outcome.error.errorType}: ${outcome.error.errorMessage}`);
    throw internalServerError();
  }
  const response = responseOf(outcome.payload);
  if (response === undefined) {
    log(`${place}: the function's answer is malformed: ${outcome.payload.slice(0, 1000)}`);
    throw internalServerError();
  }
  return response;
}

/** @returns the context that the authorizer gives the function */
async function authorize(
  { invoke, identitySources }: Authorizer,
  api: HttpApi,
  common: ReturnType<typeof commonEvent>,
  place: string,
  log: (problem: string) => void,
): Promise<Record<string, unknown>> {
  const identity = identityOf(common, identitySources);
  if (identity === undefined) throw new Answered(401, 'Unauthorized');
  const event = JSON.stringify(authorizerEvent(common, api, identity));
  const outcome = await withinTime(invoke(event), AUTHORIZER_LIMIT);
  if (outcome === undefined || !outcome.answered) {
    const reason =
      outcome === undefined
        ? 'no answer in time'
        : `${outcome.error.errorType}: ${outcome.error.errorMessage}`;
    log(`${place}: the authorizer failed: ${reason}`);
    throw internalServerError();
  }
  const decision = simpleResponse.safeParse(JSON.parse(outcome.payload));
  if (!decision.success) {
    log(`${place}: the authorizer's answer is malformed: ${outcome.payload.slice(0, 1000)}`);
    throw internalServerError();
  }
  if (!decision.data.isAuthorized) throw new Answered(403, 'Forbidden');
  return decision.data.context ?? {};
}

/** @returns undefined where the time is over first */
async function withinTime(
  promise: Promise<Outcome>,
  milliseconds: number,
): Promise<Outcome | undefined> {
  const abort = new AbortController();
  try {
    return await Promise.race([
      promise,
      sleep(milliseconds, undefined, { signal: abort.signal, ref: false }),
    ]);
  } finally {
    abort.abort();
  }
}
