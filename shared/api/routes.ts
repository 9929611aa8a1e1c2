import type { Scope } from '#shared/app/ports/tenant-store.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With parameters in braces, each one path segment. */
  readonly path: string;
  /** What the caller's key must be allowed; null where the path itself is the secret. */
  readonly scope: Scope | null;
}

/**
 * Every route of the API by its operation. Functions match requests with it and the OpenAPI
 * document is made from it, so neither can know a route that the other does not.
 */
export const routes = {
  claimDomain: { method: 'POST', path: '/v1/domains', scope: 'domains' },
  listDomains: { method: 'GET', path: '/v1/domains', scope: 'domains' },
  getDomain: { method: 'GET', path: '/v1/domains/{name}', scope: 'domains' },
  changeDomain: { method: 'PATCH', path: '/v1/domains/{name}', scope: 'domains' },
  deleteDomain: { method: 'DELETE', path: '/v1/domains/{name}', scope: 'domains' },
  checkDomain: { method: 'POST', path: '/v1/domains/{name}/checks', scope: 'domains' },
  exportRecords: { method: 'GET', path: '/v1/domains/{name}/records', scope: 'domains' },
  rotateDomain: { method: 'POST', path: '/v1/domains/{name}/rotations', scope: 'domains' },
  listKeys: { method: 'GET', path: '/v1/domains/{name}/keys', scope: 'domains' },
  listEvents: { method: 'GET', path: '/v1/domains/{name}/events', scope: 'domains' },
  readReports: { method: 'GET', path: '/v1/domains/{name}/reports', scope: 'domains' },
  readPlan: { method: 'GET', path: '/v1/domains/{name}/dmarc-plan', scope: 'domains' },
  listSenders: { method: 'GET', path: '/v1/domains/{name}/spf', scope: 'domains' },
  createShareLink: {
    method: 'POST',
    path: '/v1/domains/{name}/share-links',
    scope: 'domains',
  },
  getDomainConnect: {
    method: 'GET',
    path: '/v1/domains/{name}/domain-connect',
    scope: 'domains',
  },
  readSharedRecords: { method: 'GET', path: '/v1/shared/{token}', scope: null },
  listWebhooks: { method: 'GET', path: '/v1/webhooks', scope: 'domains' },
  createWebhook: { method: 'POST', path: '/v1/webhooks', scope: 'domains' },
  deleteWebhook: { method: 'DELETE', path: '/v1/webhooks/{id}', scope: 'domains' },
  listDeliveries: { method: 'GET', path: '/v1/webhooks/{id}/deliveries', scope: 'domains' },
  submitMessage: { method: 'POST', path: '/v1/messages', scope: 'messages' },
  listMessages: { method: 'GET', path: '/v1/messages', scope: 'messages' },
  getMessage: { method: 'GET', path: '/v1/messages/{id}', scope: 'messages' },
  listUsers: { method: 'GET', path: '/v1/users', scope: 'users' },
  inviteUser: { method: 'POST', path: '/v1/users', scope: 'users' },
  removeUser: { method: 'DELETE', path: '/v1/users/{id}', scope: 'users' },
  listApiKeys: { method: 'GET', path: '/v1/api-keys', scope: 'keys' },
  issueApiKey: { method: 'POST', path: '/v1/api-keys', scope: 'keys' },
  revokeApiKey: { method: 'DELETE', path: '/v1/api-keys/{id}', scope: 'keys' },
} as const satisfies Record<string, Route>;

export type Operation = keyof typeof routes;

/**
 * - `found`: the operation, and its path's parameters percent-decoded.
 * - `wrong-method`: the path is there, for the methods in `allow`.
 * - `not-found`: there is no such path.
 */
export type Match =
  | {
      readonly kind: 'found';
      readonly operation: Operation;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'wrong-method'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' };

export function matchRoute(method: string, path: string): Match {
  const allow: string[] = [];
  for (const [operation, route] of Object.entries(routes) as [Operation, Route][]) {
    const params = matchPath(route.path, path);
    if (params === undefined) continue;
    if (route.method === method) return { kind: 'found', operation, params };
    allow.push(route.method);
  }
  return allow.length > 0 ? { kind: 'wrong-method', allow } : { kind: 'not-found' };
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] as string;
    if (segment.startsWith('{')) {
      const decoded = decode(value);
      if (!decoded) return undefined;
      params[segment.slice(1, -1)] = decoded;
    } else if (segment !== value) {
      return undefined;
    }
  }
  return params;
}

/** @returns undefined where the percent-encoding is broken */
function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
