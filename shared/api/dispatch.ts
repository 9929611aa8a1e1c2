import type * as z from 'zod';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import {
  json,
  problemResult,
  readJson,
  readQuery,
  requireScope,
  type ApiEvent,
  type ApiResult,
} from './http.ts';
import { matchRoute } from './match-route.ts';
import { isInternal } from './problem.ts';
import type { OperationsOf, Routes } from './routes/index.ts';
import { routeKeyOf, type Route, type RouteKey } from './routes/route.ts';

/** A request for one operation, decoded by what its route declares. */
export interface Call<R extends Route> {
  readonly event: ApiEvent;
  /**
   * The tenant of the calling key, which has the route's scope; undefined where the route takes
   * none.
   */
  readonly tenant: R['scope'] extends null ? undefined : TenantId;
  readonly params: Readonly<Record<NamesIn<R['path']>, string>>;
  /**
   * Decoded when it is read, as the body is: a use case may first refuse for a reason of its own.
   * Undefined where the use case reads the body itself, and with it the query.
   */
  readonly query: R extends { readonly body: string } ? undefined : Decoded<R, 'query'>;
  readonly body: Decoded<R, 'body'>;
}

/** The names in braces in a path. */
type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

type Decoded<R, Part extends 'query' | 'body'> = R extends { readonly [P in Part]: infer Schema }
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : undefined
  : undefined;

/** The document to answer with, or the whole answer where it need not be JSON. */
export type Outcome<R extends Route> = R['answer'] extends { readonly text: readonly string[] }
  ? ApiResult
  : z.output<R['answer']['json']>;

/**
 * Does what one operation asks for.
 *
 * @throws Refusal for the reasons that its route declares
 */
export type UseCase<R extends Route, Ports> = (call: Call<R>, ports: Ports) => Promise<Outcome<R>>;

/** A use case for each operation of a function, and none for any other. */
export type UseCases<F extends string, Ports> = {
  readonly [O in OperationsOf<F>]: UseCase<Routes[O], Ports>;
};

/**
 * Answers a request of the HTTP API; a failure is an answer too.
 *
 * @param report receives failures that are ours
 */
export type Dispatch<Ports> = (
  event: ApiEvent,
  ports: Ports,
  log: (error: unknown) => void,
) => Promise<ApiResult>;

/**
 * Joins the routes of a function with its use cases. The result finds the use case of a request,
 * requires its scope, decodes the request, and encodes the answer.
 *
 * Matching is by the table that the OpenAPI document is made from, not by a router package.
 *
 * @param everyRoute for the function that answers unknown requests: by it 405 differs from 404
 */
export function dispatcher<F extends string, Ports>(
  routes: Pick<Routes, OperationsOf<F>>,
  useCases: UseCases<F, Ports>,
  everyRoute?: readonly RouteKey[],
): Dispatch<Ports> {
  const operations = new Map(
    Object.entries<Route>(routes).map(([operation, route]) => [
      routeKeyOf(route),
      // Each has the type of its own route, which only the key identifies.
      { route, useCase: useCases[operation as OperationsOf<F>] as unknown as AnyUseCase<Ports> },
    ]),
  );
  const known = everyRoute ?? [...operations.keys()];
  return async (event, ports, log) => {
    const { method } = event.requestContext.http;
    const match = matchRoute(known, method, event.rawPath);
    if (match.kind === 'wrong-method') return wrongMethod(event, match.allow);
    try {
      const found = match.kind === 'found' ? operations.get(match.routeKey) : undefined;
      if (match.kind !== 'found' || found === undefined) throw notThere(event);
      const { route, useCase } = found;
      return encoded(route, await useCase(callOf(route, event, match.params), ports));
    } catch (error) {
      if (isInternal(error)) log(error);
      return problemResult(error);
    }
  };
}

interface AnyCall extends Pick<Call<Route>, 'event' | 'params'> {
  readonly tenant: TenantId | undefined;
  readonly query: unknown;
  readonly body: unknown;
}

type AnyUseCase<Ports> = (call: AnyCall, ports: Ports) => Promise<unknown>;

/** @throws Refusal `unauthenticated`, `forbidden` */
const callOf = (
  { scope, query, body }: Route,
  event: ApiEvent,
  params: AnyCall['params'],
): AnyCall => ({
  event,
  tenant: scope === null ? undefined : requireScope(event, scope),
  params,
  get query() {
    return query === undefined || typeof body === 'string' ? undefined : readQuery(event, query);
  },
  get body() {
    return body === undefined || typeof body === 'string' ? undefined : readJson(event, body);
  },
});

function encoded({ answer }: Route, outcome: unknown): ApiResult {
  if (answer.text !== undefined) return outcome as ApiResult;
  const { status, location } = answer;
  if (location === undefined) return json(status, outcome);
  const fields = outcome as Readonly<Record<string, string>>;
  return json(status, outcome, {
    location: location.replaceAll(/\{(\w+)\}/g, (_, field: string) => fields[field] as string),
  });
}

function wrongMethod({ rawPath, requestContext }: ApiEvent, methods: readonly string[]): ApiResult {
  const allow = methods.join(', ');
  return problemResult(
    new Refusal(
      'method-not-allowed',
      `${rawPath.slice(0, 200)} takes ${allow}, not ${requestContext.http.method}.`,
    ),
    { allow },
  );
}

const notThere = ({ rawPath }: ApiEvent): Refusal =>
  new Refusal('not-found', `There is no ${rawPath.slice(0, 200)}.`);
