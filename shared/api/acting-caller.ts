import type { Actor } from '#shared/core/audit/entry.ts';
import type { ApiEvent, AuthorizerContext } from './http.ts';

/** Longer names of programs are cut: the header is as long as its sender likes. */
const LONGEST_USER_AGENT = 300;

/** Returns in whose name a request changes things: what their entries in the audit log say. */
export function actingCaller({ requestContext, routeKey }: ApiEvent): Actor {
  const { http, requestId } = requestContext;
  // API Gateway leaves the authorizer out of the event where a route has none.
  const caller = (requestContext as Partial<ApiEvent['requestContext']>).authorizer?.lambda;
  return {
    ...whoCalls(caller),
    operation: routeKey,
    requestId,
    address: http.sourceIp,
    userAgent: http.userAgent.slice(0, LONGEST_USER_AGENT),
  };
}

function whoCalls(caller: AuthorizerContext | undefined): Pick<Actor, 'kind' | 'id'> {
  if (caller === undefined) return { kind: 'link', id: 'link' };
  const { platform, token, user, key } = caller;
  if (platform !== undefined) {
    return { kind: token === undefined ? 'platform' : 'page', id: platform };
  }
  return user === undefined ? { kind: 'key', id: key ?? 'unknown' } : { kind: 'user', id: user };
}
