import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  APIGatewayProxyStructuredResultV2,
} from 'aws-lambda';
import type * as z from 'zod';
import { Refusal } from '#shared/core/model/errors.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import { scopesNamed, type Scope } from '#shared/core/model/scopes.ts';
import type { TenantStatus } from '#shared/core/model/tenant-state.ts';
import { problemOf } from './problem.ts';

/**
 * The caller's identity, as the authorizer passes it to the functions; values are strings on the
 * wire.
 */
export interface AuthorizerContext {
  /** Absent where a platform calls for itself. */
  readonly tenant?: TenantId;
  /** The platform whose key or token calls; absent where a tenant's own key, or a user, does. */
  readonly platform?: PlatformId;
  /** Names of scopes, separated by spaces. */
  readonly scopes: string;
  /** The id of the API key or platform key that calls: its SHA-256, hex. */
  readonly key?: string;
  /** `true` where the key refuses mail that needs a repair; else absent. */
  readonly strict?: 'true';
  /** The tenant's, where it is not active. */
  readonly status?: TenantStatus;
  /** The user's name in the user pool; absent where an API key calls. */
  readonly user?: string;
  /** The tenants that the user belongs to, each with the role: `t_...:owner t_...:viewer`. */
  readonly accounts?: string;
  /** `true` where a token of a page calls; else absent. */
  readonly token?: 'true';
  /** The domains that the key or token is for, separated by spaces; absent: all. */
  readonly domains?: string;
  /** The origin of the page that calls, which the token allows. */
  readonly origin?: string;
  /** Why a known credential is refused, in words, by whichever function is asked. */
  readonly refused?: RefusedCaller;
}

/**
 * - `tenant-field`: a tenant's key, or a token, says which tenant it acts for.
 * - `unknown-tenant`: a platform names a tenant that it did not make, or a user one that they do not
 *   belong to.
 * - `origin`: a token comes from a page of another origin, or from none.
 * - `address`: an API key is used from an address that it is not for.
 * - `ended`: the API key had an end, which is past.
 * - `mistyped`: a key that was never issued as it is; then there is no tenant either.
 * - `unavailable`: nobody knows, since what keys are read from does not answer; no tenant either.
 */
export type RefusedCaller =
  | 'tenant-field'
  | 'unknown-tenant'
  | 'origin'
  | 'address'
  | 'ended'
  | 'mistyped'
  | 'unavailable';

/** The field by which a platform, or a user of several, says which tenant it is about: its id or external id. */
export const TENANT_FIELD = 'Sender-Domains-Tenant';

/** A request of the HTTP API (payload 2.0); without a caller on routes that no authorizer guards. */
export type ApiEvent = APIGatewayProxyEventV2WithLambdaAuthorizer<AuthorizerContext | undefined>;
export type ApiResult = APIGatewayProxyStructuredResultV2;

/** JSON bodies are small; what is larger is refused before it is parsed. */
const MAX_JSON_OCTETS = 64 * 1024;

/** What the authorizer passes; API Gateway leaves it out where a route has none. */
export const contextOf = ({ requestContext }: ApiEvent): AuthorizerContext | undefined =>
  (requestContext as Partial<ApiEvent['requestContext']>).authorizer?.lambda;

/**
 * The tenant that calls, or the platform where it calls for itself, whatever the credential may do;
 * undefined on routes that no authorizer guards.
 */
export function callerOf(event: ApiEvent): TenantId | PlatformId | undefined {
  const caller = contextOf(event);
  return caller?.tenant ?? caller?.platform;
}

/** The origin of the page that calls, where its token allows it. */
export const allowedOriginOf = (event: ApiEvent): string | undefined => contextOf(event)?.origin;

/** The credential itself, as the `Authorization` field has it; empty where there is none. */
export const credentialOf = ({ headers }: Pick<ApiEvent, 'headers'>): string =>
  /^bearer +(\S+) *$/i.exec(headers['authorization'] ?? '')?.[1] ?? '';

/** The scopes of the caller's key. */
export const scopesOf = (event: ApiEvent): Scope[] => {
  const { scopes = '' } = contextOf(event) ?? {};
  return scopesNamed(scopes.split(' '));
};

/** The user who calls, by their name in the user pool; undefined where an API key does. */
export const userOf = (event: ApiEvent): string | undefined =>
  event.requestContext.authorizer?.lambda?.user;

/** Returns true if the caller's key refuses mail that needs a repair. */
export const isStrict = (event: ApiEvent): boolean =>
  event.requestContext.authorizer?.lambda?.strict === 'true';

/** A header field by its name in lower case, as API Gateway gives them. */
export const header = (event: ApiEvent, name: string): string | undefined => event.headers[name];

/**
 * The Idempotency-Key of a request.
 *
 * @throws Refusal `invalid-parameter`
 */
export function idempotencyKeyOf(event: ApiEvent): string | undefined {
  const key = header(event, 'idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Refusal(
    'invalid-parameter',
    'Idempotency-Key must be 1 to 255 printable ASCII characters without spaces, such as a UUID.',
  );
}

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
  return shapedAs(jsonOf(body), schema);
}

/**
 * A value of the shape that the schema says.
 *
 * @throws Refusal `invalid-body`
 */
export function shapedAs<T>(value: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `"${issue.path.map(String).join('.')}"` : 'the body';
  throw new Refusal('invalid-body', `The body is not as it must be: ${where}: ${issue?.message}.`);
}

/** @throws Refusal `invalid-json` */
export function jsonOf(body: Buffer): unknown {
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
