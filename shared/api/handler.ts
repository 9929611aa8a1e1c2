import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';
import { environmentOf, logger, type Wire } from '#shared/runtime/handler.ts';
import type { Dispatch } from './dispatch.ts';
import type { ApiEvent, ApiResult } from './http.ts';

/** Makes the handler of API routes. It logs failures that the caller did not cause. */
export function apiHandler<const Declaration extends FunctionDeclaration, Ports>(
  declaration: Declaration,
  answer: Dispatch<Ports>,
  wire: Wire<Declaration, Ports>,
) {
  const ports = wire(environmentOf(declaration));
  return (event: ApiEvent): Promise<ApiResult> =>
    answer(event, ports, (error) =>
      logger.error('a request failed', { error, path: event.rawPath }),
    );
}
