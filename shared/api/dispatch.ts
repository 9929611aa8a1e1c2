import type * as z from 'zod';
import { Refusal } from '#shared/core/model/errors.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import { json, problemResult, readJson, readQuery, type ApiEvent, type ApiResult } from './http.ts';
import { requireCaller, type Caller } from './caller.ts';
import { answeredOnce, type AnswerPorts } from './answered-once.ts';
import { matchRoute } from './match-route.ts';
import { isInternal } from './problem.ts';
import type { OperationsOf, Routes } from './routes/index.ts';
import {
  readsItself,
  routeKeyOf,
  takesIdempotencyKey,
  type Answer,
  type BodiesByMediaType,
  type Route,
  type RouteKey,
} from './routes/route.ts';

/** A request for one operation, decoded by what its route declares. */
export interface Call<R extends Route> {
  readonly event: ApiEvent;
  /**
   * The tenant of the calling key, which has the route's scope, or that a platform key acts for;
   * undefined where the route takes none.
   */
  readonly tenant: TenantOf<R>;
  /** The platform whose key calls; undefined where a tenant's own key, or a user, does. */
  readonly platform: R['scope'] extends 'platform' ? PlatformId : PlatformId | undefined;
  /** The domains that the credential is for; undefined: all of the tenant's. */
  readonly domains?: Caller['domains'];
  readonly params: Readonly<Record<NamesIn<R['path']>, string>>;
  /**
   * Decoded when it is read, as the body is: a use case may first refuse for a reason of its own.
   * Undefined where the use case reads the body itself, and with it the query.
   */
  readonly query: R extends { readonly body: BodiesByMediaType } ? undefined : Decoded<R, 'query'>;
  readonly body: Decoded<R, 'body'>;
}

type TenantOf<R extends Route> = R['scope'] extends null | 'platform' | 'user'
  ? undefined
  : R extends { readonly acrossTenants: true }
    ? TenantId | undefined
    : TenantId;

/** The names in braces in a path. */
type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

type Decoded<R, Part extends 'query' | 'body'> = R extends { readonly [P in Part]: infer Schema }
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : undefined
  : undefined;

/**
 * The document to answer with; which of two where the work may not end in time; or the whole answer
 * where it need not be JSON.
 */
export type Outcome<R extends Route> = R['answer'] extends { readonly text: readonly string[] }
  ? ApiResult
  : R extends { readonly unfinished: { readonly json: infer Unfinished extends z.ZodType } }
    ?
        | { readonly finished: z.output<R['answer']['json']> }
        | { readonly unfinished: z.output<Unfinished> }
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
 * requires its scope, decodes the request, and encodes the answer; a POST request that is sent again
 * with its Idempotency-Key has the answer it had.
 *
 * Matching is by the table that the OpenAPI document is made from, not by a router package.
 *
 * @param everyRoute for the function that answers unknown requests: by it 405 differs from 404
 */
export function dispatcher<F extends string, Ports>(
  routes: Pick<Routes, OperationsOf<F>>,
  useCases: UseCases<F, Ports>,
  everyRoute?: readonly RouteKey[],
): Dispatch<Ports & AnswerPorts> {
  const operations = new Map(
    Object.entries<Route>(routes).map(([operation, route]) => [
      routeKeyOf(route),
      // Each has the type of its own route, which only the key identifies.
      {
        operation,
        route,
        useCase: useCases[operation as OperationsOf<F>] as unknown as AnyUseCase<Ports>,
      },
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
      const { operation, route, useCase } = found;
      const call = callOf(route, event, match.params);
      const run = async () => encoded(route, await useCase(call, ports));
      const owner = call.tenant ?? call.platform;
      if (owner === undefined || !takesIdempotencyKey(route)) return await run();
      return await answeredOnce({ operation, route, event, owner }, ports, run, log);
    } catch (error) {
      if (isInternal(error)) log(error);
      return problemResult(error);
    }
  };
}

interface AnyCall extends Pick<Call<Route>, 'event' | 'params'>, Caller {
  readonly query: unknown;
  readonly body: unknown;
}

type AnyUseCase<Ports> = (call: AnyCall, ports: Ports) => Promise<unknown>;

/** @throws Refusal as `requireCaller` does */
const callOf = (route: Route, event: ApiEvent, params: AnyCall['params']): AnyCall =>
  decodedCall(route, event, {
    params,
    ...(route.scope === null ? nobody : requireCaller(event, route, params)),
  });

const nobody: Caller = { tenant: undefined, platform: undefined };

const decodedCall = (
  { query, body }: Route,
  event: ApiEvent,
  caller: Caller & Pick<AnyCall, 'params'>,
): AnyCall => ({
  event,
  ...caller,
  get query() {
    return query === undefined || readsItself(body) ? undefined : readQuery(event, query);
  },
  get body() {
    return body === undefined || readsItself(body) ? undefined : readJson(event, body);
  },
});

function encoded({ answer, unfinished }: Route, outcome: unknown): ApiResult {
  if (answer.text !== undefined) return outcome as ApiResult;
  if (unfinished === undefined) return encodedAs(answer, outcome);
  const either = outcome as { finished: unknown } | { unfinished: unknown };
  return 'finished' in either
    ? encodedAs(answer, either.finished)
    : encodedAs(unfinished, either.unfinished);
}

function encodedAs({ status, location }: Omit<Answer, 'text'>, outcome: unknown): ApiResult {
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
