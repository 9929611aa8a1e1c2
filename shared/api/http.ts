import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import type * as z from 'zod';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { allScopes, type Scope } from '#shared/app/ports/tenant-store.ts';
import { problemOf } from './problem.ts';

/**
 * The caller's identity, as the authorizer passes it to the functions; values are strings on the
 * wire.
 */
export interface AuthorizerContext {
  readonly tenant: TenantId;
  /** Separated by spaces. */
  readonly scopes: string;
  /** The user's name in the user pool; absent where an API key calls. */
  readonly user?: string;
}

/** A request of the HTTP API (payload 2.0); without a caller on routes that no authorizer guards. */
export type ApiEvent = APIGatewayProxyEventV2WithLambdaAuthorizer<AuthorizerContext | undefined>;
export type ApiResult = APIGatewayProxyStructuredResultV2;

/** JSON bodies are small; what is larger is refused before it is parsed. */
const MAX_JSON_OCTETS = 64 * 1024;

/**
 * The tenant that calls, once it is known that its key may do this.
 *
 * @throws Refusal `unauthenticated`, `forbidden`
 */
export function requireScope(event: ApiEvent, scope: Scope | null): TenantId {
  // API Gateway leaves the authorizer out of the event where a route has none.
  const caller = (event.requestContext as Partial<ApiEvent['requestContext']>).authorizer?.lambda;
  if (caller === undefined || scope === null) {
    throw new Refusal('unauthenticated', 'Send an API key: "Authorization: Bearer sd_...".');
  }
  if (!caller.scopes.split(' ').includes(scope)) {
    throw new Refusal(
      'forbidden',
      `This API key may not do this: it lacks the scope "${scope}". Use a key that has it.`,
    );
  }
  return caller.tenant;
}

/** The scopes of the caller's key. */
export const scopesOf = (event: ApiEvent): Scope[] => {
  const { scopes = '' } = event.requestContext.authorizer?.lambda ?? {};
  return allScopes.filter((scope) => scopes.split(' ').includes(scope));
};

/** The user who calls, by their name in the user pool; undefined where an API key does. */
export const userOf = (event: ApiEvent): string | undefined =>
  event.requestContext.authorizer?.lambda?.user;

/** A header field by its name in lower case, as API Gateway gives them. */
export const header = (event: ApiEvent, name: string): string | undefined => event.headers[name];

/**
 * Returns the origin at which the caller reached the API, as far as API Gateway reports it:
 * `https://api.example.com`.
 */
export const originOf = ({ headers, requestContext }: ApiEvent): string =>
  `${headers['x-forwarded-proto'] ?? 'https'}://${headers['host'] ?? requestContext.domainName}`;

/** Returns the body as octets, both where API Gateway took it for text and for binary. */
export const bodyOf = (event: ApiEvent): Buffer =>
  Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');

/**
 * The JSON body, of the shape that the schema says.
 *
 * @throws Refusal `unsupported-media-type`, `payload-too-large`, `invalid-json`, `invalid-body`
 */
export function readJson<T>(event: ApiEvent, schema: z.ZodType<T>): T {
  const mediaType = header(event, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new Refusal(
      'unsupported-media-type',
      `Send the body as JSON with "Content-Type: application/json", not ${mediaType ? `"${mediaType.slice(0, 80)}"` : 'without a Content-Type'}.`,
    );
  }
  const body = bodyOf(event);
  if (body.length > MAX_JSON_OCTETS) {
    throw new Refusal(
      'payload-too-large',
      `The body has ${body.length} octets; at most ${MAX_JSON_OCTETS} are read.`,
    );
  }
  const parsed = schema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `"${issue.path.map(String).join('.')}"` : 'the body';
  throw new Refusal('invalid-body', `The body is not as it must be: ${where}: ${issue?.message}.`);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'it is not UTF-8';
    throw new Refusal('invalid-json', `The body is not JSON: ${why.slice(0, 200)}.`);
  }
}

/**
 * The query, of the shape that the schema says.
 *
 * @throws Refusal `invalid-parameter`
 */
export function readQuery<T>(event: ApiEvent, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(event.queryStringParameters ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refusal(
    'invalid-parameter',
    `The parameter "${issue?.path.join('.')}" is not as it must be: ${issue?.message}.`,
  );
}

/** Makes a JSON answer that no client may cache. */
export function json(
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): ApiResult {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** An error as an answer, with `Retry-After` where waiting helps and `WWW-Authenticate` on 401. */
export function problemResult(error: unknown, headers: Record<string, string> = {}): ApiResult {
  const problem = problemOf(error);
  return json(problem.status, problem, {
    'content-type': 'application/problem+json',
    ...(problem.retryAfter === undefined ? {} : { 'retry-after': String(problem.retryAfter) }),
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...headers,
  });
}
