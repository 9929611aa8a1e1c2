import * as z from 'zod';
import type { Scope } from '#shared/app/ports/tenant-store.ts';
import type { RefusalCode } from '#shared/core/model/errors.ts';

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
  /** The scope that the caller's key must have; null where the path itself is the secret. */
  readonly scope: Scope | null;
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  /** The shape of the JSON body, or the media type of a body that the use case reads itself. */
  readonly body?: z.ZodType | 'message/rfc822';
  /** True if it takes an `Idempotency-Key`. */
  readonly idempotent?: true;
  readonly answer: Answer;
  /** Codes of its refusals, beside those of every request of its kind. */
  readonly refusals: readonly RefusalCode[];
}

/** The answer to a request that was not refused. */
export interface Answer {
  readonly status: number;
  readonly says: string;
  readonly json: z.ZodType;
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
