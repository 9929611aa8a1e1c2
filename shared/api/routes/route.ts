import * as z from 'zod';
import type { RefusalCode } from '#shared/core/model/errors.ts';
import type { Scope } from '#shared/core/model/scopes.ts';

/**
 * One request that the API takes, declared once, as data. The dispatcher, the OpenAPI document, API
 * Gateway's routes and the tests of every route are made from it.
 */
export interface Route {
  /** The function that answers it, by the name in its function.ts. */
  readonly function: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With parameters in braces, each one path segment. */
  readonly path: `/${string}`;
  /**
   * The scope that the caller must have; `platform` where it must be a platform for itself, `user` a
   * user of the dashboard, whatever their account, null where the path itself is the secret.
   */
  readonly scope: Scope | 'any' | 'platform' | 'user' | null;
  /** True if a platform key may also ask without naming a tenant, for all of its tenants. */
  readonly acrossTenants?: true;
  /**
   * True if its use case itself keeps a credential for some domains to these. Such a credential may
   * use no other route but those below `/v1/domains/{name}` of its domains.
   */
  readonly keepsToDomains?: true;
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  /** The shape of the JSON body, or the bodies that the use case reads itself. */
  readonly body?: z.ZodType | BodiesByMediaType;
  /**
   * True if its use case itself knows a request again by its `Idempotency-Key`. All other POST
   * requests have their answers stored by the dispatcher.
   */
  readonly keepsOwnAnswers?: true;
  /** True if the answer to a POST request holds a secret, which is sealed where it is stored. */
  readonly answersSecret?: true;
  readonly answer: Answer;
  /** The answer to a request whose work has not ended in time. */
  readonly unfinished?: Omit<Answer, 'text'>;
  /**
   * False of a request, other than GET, that changes nothing which the audit log has: it reads, sends
   * mail, or sends something again. All others leave an entry.
   */
  readonly audited?: false;
  /** Codes of its refusals, beside those of every request of its kind. */
  readonly refusals: readonly RefusalCode[];
}

/** Bodies of several media types: the shape of each, or null for octets. */
export interface BodiesByMediaType {
  readonly byMediaType: Readonly<Record<string, z.ZodType | null>>;
}

/**
 * Returns true if requests may have an `Idempotency-Key`. What needs no API key reads, or asks for a
 * check, and does nothing twice.
 */
export const takesIdempotencyKey = ({ method, scope }: Pick<Route, 'method' | 'scope'>): boolean =>
  method === 'POST' && scope !== null;

/** Returns true if the use case reads the body itself, and the query with it. */
export const readsItself = (body: Route['body']): body is BodiesByMediaType =>
  body !== undefined && 'byMediaType' in body;

/** The answer to a request that was not refused. */
export interface Answer {
  readonly status: number;
  readonly says: string;
  /** Absent where it has other media types only. */
  readonly json?: z.ZodType;
  /** Other media types that it may have; the use case then writes the whole answer. */
  readonly text?: readonly string[];
  /** The path of what was made, with fields of the answer in braces; sent as `Location`. */
  readonly location?: string;
}

/** A method and a path as API Gateway writes them: `GET /v1/domains/{name}`. */
export type RouteKey = `${Route['method']} ${Route['path']}`;

export const routeKeyOf = ({ method, path }: Pick<Route, 'method' | 'path'>): RouteKey =>
  `${method} ${path}`;

/** The schemas that the OpenAPI document has by a name. */
export const components = z.registry<{ id: string }>();
