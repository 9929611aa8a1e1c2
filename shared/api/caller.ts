import { Refusal } from '#shared/core/model/errors.ts';
import {
  parseDomainName,
  quoted,
  type PlatformId,
  type TenantId,
} from '#shared/core/model/names.ts';
import { TENANT_FIELD, type ApiEvent, type AuthorizerContext } from './http.ts';
import type { Route } from './routes/route.ts';

/** Who a request is for, once it is known that the caller may do this. */
export interface Caller {
  /** Undefined where a platform calls for itself. */
  readonly tenant: TenantId | undefined;
  /** The platform that calls, for itself or for the tenant; undefined for a tenant's own key. */
  readonly platform: PlatformId | undefined;
}

type Asked = Pick<Route, 'scope' | 'acrossTenants' | 'reads' | 'path'>;

/**
 * Returns who a request is for, once it is known that the credential may do this: it has the scope,
 * its tenant is not suspended or closed, and its token is for this domain and this page.
 *
 * @throws Refusal `unauthenticated`, `forbidden`, `tenant-required`, `tenant-not-found`,
 *   `origin-not-allowed`, `account-suspended`, `account-closed`
 */
export function requireCaller(
  event: ApiEvent,
  route: Asked,
  params: Readonly<Record<string, string>> = {},
): Caller {
  // API Gateway leaves the authorizer out of the event where a route has none.
  const caller = (event.requestContext as Partial<ApiEvent['requestContext']>).authorizer?.lambda;
  if (caller === undefined) {
    throw new Refusal('unauthenticated', 'Send an API key: "Authorization: Bearer sd_...".');
  }
  requireAccepted(caller, event);
  const { tenant, platform } = caller;
  if (route.scope === 'platform') return requirePlatform(caller);
  if (tenant === undefined) {
    if (route.acrossTenants === true && platform !== undefined) return { tenant, platform };
    throw tenantRequired();
  }
  requireScope(caller, route, event.requestContext.http.method);
  requireBoundDomain(caller, route, params);
  requireActive(caller, event.requestContext.http.method);
  // A page is not the platform: what it does is its tenant's.
  return { tenant, platform: caller.token === undefined ? platform : undefined };
}

/** @throws Refusal for what the authorizer let in only to be refused in words */
function requireAccepted({ refused }: AuthorizerContext, event: ApiEvent): void {
  switch (refused) {
    case undefined:
      return;
    case 'tenant-field':
      throw new Refusal(
        'forbidden',
        `An API key is for one tenant: leave out the field "${TENANT_FIELD}", which platform keys send.`,
      );
    case 'unknown-tenant':
      throw new Refusal(
        'tenant-not-found',
        `You have made no tenant ${quoted(event.headers[TENANT_FIELD.toLowerCase()] ?? '')}; see GET /v1/tenants.`,
      );
    case 'origin':
      throw new Refusal(
        'origin-not-allowed',
        `This token is for pages of other origins than ${quoted(event.headers['origin'] ?? 'none')}; see GET /v1/platform.`,
      );
  }
}

function requirePlatform({ tenant, platform, token }: AuthorizerContext): Caller {
  if (platform === undefined || token !== undefined) {
    throw new Refusal(
      'forbidden',
      'Only a platform key may do this. The operator of the service makes one.',
    );
  }
  if (tenant !== undefined) {
    throw new Refusal(
      'invalid-parameter',
      `This is about your platform, not about one tenant: leave out the field "${TENANT_FIELD}".`,
    );
  }
  return { tenant, platform };
}

const tenantRequired = () =>
  new Refusal(
    'tenant-required',
    `A platform key acts for one tenant at a time: send "${TENANT_FIELD}: " with its id or your own external id of it.`,
  );

function requireScope(
  { scopes }: AuthorizerContext,
  { scope, reads }: Asked,
  method: string,
): void {
  if (scope === 'any') return;
  const has = scopes.split(' ');
  if (scope !== null && has.includes(scope)) return;
  const onlyReads = method === 'GET' || reads === true;
  if (scope === 'domains' && onlyReads && has.includes('domains:read')) return;
  throw new Refusal(
    'forbidden',
    `This API key may not do this: it lacks the scope "${scope}". Use a key that has it.`,
  );
}

/** A token for some domains opens the routes of these domains only. @throws Refusal `forbidden` */
function requireBoundDomain(
  { domains }: AuthorizerContext,
  { path }: Asked,
  { name }: Readonly<Record<string, string>>,
): void {
  if (domains === undefined) return;
  const isOfDomain = path.startsWith('/v1/domains/{name}') && name !== undefined;
  if (isOfDomain && domains.split(' ').includes(parseDomainName(name))) return;
  throw new Refusal('forbidden', `This token is for ${domains.replaceAll(' ', ', ')} only.`);
}

/** A suspended tenant may read: what it has, and why its mail waits. A closed one may do nothing. */
function requireActive({ status }: AuthorizerContext, method: string): void {
  if (status === 'closed') {
    throw new Refusal('account-closed', 'This account is closed. Ask the operator of the service.');
  }
  if (status === 'suspended' && method !== 'GET') {
    throw new Refusal(
      'account-suspended',
      'This account is suspended: it may read, but change and send nothing, and its queued mail is held. Ask the operator of the service.',
    );
  }
}
