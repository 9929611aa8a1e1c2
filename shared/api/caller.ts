import { Refusal } from '#shared/core/model/errors.ts';
import {
  parseDomainName,
  quoted,
  type DomainName,
  type PlatformId,
  type TenantId,
} from '#shared/core/model/names.ts';
import { scopesNamed } from '#shared/core/model/scopes.ts';
import { contextOf, TENANT_FIELD, type ApiEvent, type AuthorizerContext } from './http.ts';
import type { Route } from './routes/route.ts';

/** Who a request is for, once it is known that the caller may do this. */
export interface Caller {
  /** Undefined where a platform calls for itself. */
  readonly tenant: TenantId | undefined;
  /** The platform that calls, for itself or for the tenant; undefined for a tenant's own key. */
  readonly platform: PlatformId | undefined;
  /** The domains that the credential is for; undefined: all of the tenant's. */
  readonly domains?: readonly DomainName[] | undefined;
}

/** After so long credentials may be readable again. */
const BUSY_SECONDS = 5;

type Asked = Pick<Route, 'scope' | 'acrossTenants' | 'keepsToDomains' | 'path'>;

/**
 * Returns who a request is for, once it is known that the credential may do this: it has the scope,
 * its tenant is not suspended or closed, and its token is for this domain and this page.
 *
 * @throws Refusal `unauthenticated`, `forbidden`, `tenant-required`, `tenant-not-found`,
 *   `origin-not-allowed`, `account-suspended`, `account-closed`; `busy` while credentials cannot be
 *   read
 */
export function requireCaller(
  event: ApiEvent,
  route: Asked,
  params: Readonly<Record<string, string>> = {},
): Caller {
  const caller = contextOf(event);
  if (caller === undefined) {
    throw new Refusal('unauthenticated', 'Send an API key: "Authorization: Bearer sd_...".');
  }
  requireAccepted(caller, event);
  const { tenant, platform } = caller;
  if (route.scope === 'platform') return requirePlatform(caller);
  if (route.scope === 'user') return requireUser(caller);
  if (tenant === undefined) {
    if (route.acrossTenants === true && platform !== undefined) return { tenant, platform };
    throw tenantRequired(caller);
  }
  requireScope(caller, route);
  requireBoundDomain(caller, route, params);
  requireActive(caller, event.requestContext.http.method);
  // A page is not the platform: what it does is its tenant's.
  return {
    tenant,
    platform: caller.token === undefined ? platform : undefined,
    ...(caller.domains === undefined ? {} : { domains: domainsOf(caller.domains) }),
  };
}

/** @throws Refusal for what the authorizer let in only to be refused in words */
function requireAccepted({ refused, platform }: AuthorizerContext, event: ApiEvent): void {
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
        `You have no account ${quoted(event.headers[TENANT_FIELD.toLowerCase()] ?? '')}; see ${platform === undefined ? 'GET /v1/me' : 'GET /v1/tenants'}.`,
      );
    case 'unavailable':
      throw new Refusal(
        'busy',
        'Your credential cannot be read just now; try again.',
        BUSY_SECONDS,
      );
    case 'mistyped':
      throw new Refusal(
        'unauthenticated',
        'This is no key as it was issued: a character is missing or wrong. Copy it again from where you keep it.',
      );
    case 'ended':
      throw new Refusal('unauthenticated', 'This API key had an end, which is past; use another.');
    case 'address':
      throw new Refusal(
        'forbidden',
        `This API key is not for use from ${event.requestContext.http.sourceIp}: it was made for other addresses.`,
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

/** A user is asked what they are, not what they may do. @throws Refusal `forbidden` */
function requireUser({ user, platform }: AuthorizerContext): Caller {
  if (user !== undefined && platform === undefined) {
    return { tenant: undefined, platform: undefined };
  }
  throw new Refusal('forbidden', 'Only a user of the dashboard, signed in, may do this.');
}

function tenantRequired({ user, platform, accounts }: AuthorizerContext): Refusal {
  if (user === undefined || platform !== undefined) {
    return new Refusal(
      'tenant-required',
      `A platform key acts for one tenant at a time: send "${TENANT_FIELD}: " with its id or your own external id of it.`,
    );
  }
  return new Refusal(
    'tenant-required',
    accounts === undefined
      ? 'You belong to no account; accept an invitation (GET /v1/me).'
      : `You belong to several accounts: send "${TENANT_FIELD}: " with the id of one (GET /v1/me).`,
  );
}

function requireScope({ scopes }: AuthorizerContext, { scope }: Asked): void {
  if (scope === 'any') return;
  if (
    scope !== null &&
    scope !== 'platform' &&
    scope !== 'user' &&
    scopesNamed(scopes.split(' ')).includes(scope)
  ) {
    return;
  }
  throw new Refusal(
    'forbidden',
    `This credential may not do this: it lacks the scope "${scope}". Use one that has it.`,
  );
}

const domainsOf = (domains: string): DomainName[] => domains.split(' ') as DomainName[];

/**
 * A credential for some domains may use the routes of these domains, and those whose use case keeps
 * it to them.
 *
 * @throws Refusal `forbidden`
 */
function requireBoundDomain(
  { domains }: AuthorizerContext,
  { path, keepsToDomains }: Asked,
  { name }: Readonly<Record<string, string>>,
): void {
  if (domains === undefined || keepsToDomains === true) return;
  const isOfDomain = path.startsWith('/v1/domains/{name}') && name !== undefined;
  if (isOfDomain && domainsOf(domains).includes(parseDomainName(name))) return;
  throw new Refusal('forbidden', `This credential is for ${domains.replaceAll(' ', ', ')} only.`);
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
