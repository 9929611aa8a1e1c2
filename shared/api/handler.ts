import type { Budgets } from '#shared/app/budgets/budgets.ts';
import type { Standing } from '#shared/core/model/budgets.ts';
import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';
import { actingAs } from '#shared/runtime/actor.ts';
import { environmentOf, logger, type Wire } from '#shared/runtime/handler.ts';
import { actingCaller } from './acting-caller.ts';
import type { AnswerPorts } from './answered-once.ts';
import type { Dispatch } from './dispatch.ts';
import { allowedOriginOf, callerOf, problemResult, type ApiEvent, type ApiResult } from './http.ts';
import { withRateLimitFields } from './rate-limit-fields.ts';

/** What every function that answers the API has among its ports. */
export interface ApiPorts {
  readonly budgets: Budgets;
}

/** Makes the handler of API routes. It logs failures that the caller did not cause. */
export function apiHandler<const Declaration extends FunctionDeclaration, Ports>(
  declaration: Declaration,
  answer: Dispatch<Ports & AnswerPorts>,
  wire: Wire<Declaration, Ports & ApiPorts & AnswerPorts>,
) {
  const answerWithin = withinBudgets(answer);
  const ports = wire(environmentOf(declaration));
  return async (event: ApiEvent): Promise<ApiResult> =>
    withAllowedOrigin(
      event,
      await actingAs(actingCaller(event), () =>
        answerWithin(event, ports, (error) =>
          logger.error('a request failed', { error, path: event.rawPath }),
        ),
      ),
    );
}

/** Lets the page read the answer whose token allows its origin (Fetch §3.3.3). */
export function withAllowedOrigin(event: ApiEvent, result: ApiResult): ApiResult {
  const origin = allowedOriginOf(event);
  if (origin === undefined) return result;
  const headers = {
    ...result.headers,
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'location, retry-after, ratelimit, ratelimit-policy',
    vary: 'origin',
  };
  return { ...result, headers };
}

/** Counts each call against its tenant's budget, and adds to its answer what is left of those it took from. */
export const withinBudgets =
  <Ports>(answer: Dispatch<Ports>): Dispatch<Ports & ApiPorts> =>
  async (event, ports, log) => {
    const standings: Standing[] = [];
    const budgets = ports.budgets.reporting((standing) => standings.push(standing));
    const tenant = callerOf(event);
    try {
      if (tenant !== undefined) await budgets.countCall(tenant);
    } catch (error) {
      return withRateLimitFields(problemResult(error), standings);
    }
    return withRateLimitFields(await answer(event, { ...ports, budgets }, log), standings);
  };
