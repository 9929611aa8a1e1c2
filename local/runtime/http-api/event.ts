import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeSegment } from './route.ts';

/** A request as it came in, its body read to the end. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
  readonly sourceIp: string;
  readonly body: Buffer;
}

export interface ApiContext {
  readonly accountId: string;
  readonly apiId: string;
  readonly stage: string;
  readonly region: string;
}

/** The common fields of request and authorizer events (payload format 2.0). */
interface CommonEvent {
  readonly version: '2.0';
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly requestContext: object;
}

export interface RequestEvent extends CommonEvent {
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

export interface AuthorizerEvent extends CommonEvent {
  readonly type: 'REQUEST';
  readonly routeArn: string;
  readonly identitySource: readonly string[];
}

/**
 * The types that API Gateway passes on as text; any other body, also one without a type, comes in
 * base64 (tried on AWS by github.com/ministackorg/ministack/pull/766).
 */
const TEXT_TYPE = /^(?:text\/[^;\s]+|application\/(?:json|javascript|xml))\s*(?:;|$)/i;

/**
 * Makes what request and authorizer events have in common.
 *
 * API Gateway percent-decodes the path, but leaves the query as it is; headers that come more than
 * once are joined by commas, cookies get a field of their own.
 */
export function commonEvent(
  request: HttpRequest,
  context: ApiContext,
  route: { routeKey: string; pathParameters: Readonly<Record<string, string>> },
  requestId: string,
): CommonEvent {
  const [path, query = ''] = splitOnce(request.url, '?');
  const rawPath = decodeSegment(path);
  const { cookie, ...headers } = joinHeaders(request.headers);
  const parameters = queryParameters(query);
  const now = new Date();
  return {
    version: '2.0',
    routeKey: route.routeKey,
    rawPath,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: {
      ...headers,
      'x-amzn-trace-id': `Root=1-${Math.floor(now.getTime() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`,
      'x-forwarded-for': request.sourceIp,
      'x-forwarded-proto': 'http',
    },
    ...(Object.keys(parameters).length === 0 ? {} : { queryStringParameters: parameters }),
    ...(Object.keys(route.pathParameters).length === 0
      ? {}
      : { pathParameters: route.pathParameters }),
    requestContext: {
      accountId: context.accountId,
      apiId: context.apiId,
      domainName: headers['host'] ?? '',
      domainPrefix: (headers['host'] ?? '').split('.')[0],
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: route.routeKey,
      stage: context.stage,
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
  };
}

/**
 * The event that the route's function gets.
 *
 * @param authorized the context that the authorizer gave, where there is one
 */
export function requestEvent(
  common: CommonEvent,
  body: Buffer,
  authorized: Readonly<Record<string, unknown>> | undefined,
): RequestEvent {
  const isText = TEXT_TYPE.test(common.headers['content-type'] ?? '');
  return {
    ...common,
    requestContext: {
      ...common.requestContext,
      ...(authorized === undefined ? {} : { authorizer: { lambda: authorized } }),
    },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** The event that a Lambda authorizer gets. */
export function authorizerEvent(
  common: CommonEvent,
  context: ApiContext,
  identitySource: readonly string[],
): AuthorizerEvent {
  const [method = '', path = ''] = common.routeKey.split(' ');
  const arn = `arn:aws:execute-api:${context.region}:${context.accountId}:${context.apiId}/${context.stage}`;
  return {
    ...common,
    type: 'REQUEST',
    routeArn: path === '' ? `${arn}/${common.routeKey}` : `${arn}/${method}${path}`,
    identitySource,
  };
}

/**
 * The values that an authorizer's identity sources name in a request, in their order; undefined
 * where one is missing or empty.
 *
 * @param sources `$request.header.Name` and `$request.querystring.name`
 * @throws Error on a source of another kind
 */
export function identityOf(
  event: CommonEvent,
  sources: readonly string[],
): readonly string[] | undefined {
  const values = sources.map((source) => {
    const [, kind, name = ''] = /^\$request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
    if (kind === 'header') return event.headers[name.toLowerCase()];
    if (kind === 'querystring') return event.queryStringParameters?.[name];
    throw new Error(`the local run does not know the identity source ${source}`);
  });
  return values.every((value): value is string => value !== undefined && value !== '')
    ? values
    : undefined;
}

function joinHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return joined;
}

function queryParameters(query: string): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    joined[name] = Object.hasOwn(joined, name) ? `${joined[name]},${value}` : value;
  }
  return joined;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** `23/Nov/2026:06:00:00 +0000`, as API Gateway writes `requestContext.time`. */
function commonLogTime(time: Date): string {
  const [, day, month, year, clock] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}
