import type { Actor } from '#shared/core/model/actor.ts';
import { contextOf, type ApiEvent } from './http.ts';

/** Who a request is from, and how it came: what an entry about its change names. */
export interface RequestOrigin {
  readonly actor: Actor;
  /** IPv4 or IPv6. */
  readonly address: string;
  readonly userAgent: string;
  /** API Gateway's id of the request. */
  readonly request: string;
}

/** Returns who makes a request; on a route without an authorizer, whoever has the link. */
export function requestOriginOf(event: ApiEvent): RequestOrigin {
  const { http, requestId } = event.requestContext;
  return {
    actor: actorOf(event),
    address: http.sourceIp,
    userAgent: http.userAgent,
    request: requestId,
  };
}

/** Returns who makes a request. */
export function actorOf(event: ApiEvent): Actor {
  const { platform, token, key, user } = contextOf(event) ?? {};
  if (platform !== undefined && token !== undefined) return { kind: 'page', id: platform };
  if (platform !== undefined) {
    return {
      kind: 'platform',
      id: platform,
      ...(key === undefined ? {} : { key }),
      ...(user === undefined ? {} : { user }),
    };
  }
  if (user !== undefined) return { kind: 'user', id: user };
  return key === undefined ? { kind: 'link' } : { kind: 'key', id: key };
}
