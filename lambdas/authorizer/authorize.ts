import type { AuthorizerContext, RefusedCaller } from '#shared/api/http.ts';
import { hashApiKey, isApiKey, isMistypedApiKey } from '#shared/core/model/api-key.ts';
import { hasEnded, hashPageToken, isPageToken } from '#shared/core/model/page-token.ts';
import {
  hashPlatformKey,
  isMistypedPlatformKey,
  isPlatformKey,
} from '#shared/core/model/platform.ts';
import { hasExpired, isInRanges } from '#shared/core/model/key-binding.ts';
import { allScopes, namesOf } from '#shared/core/model/scopes.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';
import { isTenantId, type PlatformId, type TenantId } from '#shared/core/model/names.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { PlatformStore } from '#shared/app/ports/platform-store.ts';
import type { NoteKeyUse } from '#shared/app/note-key-use.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import { ofUser, type UserPorts } from './user.ts';

export interface AuthorizerPorts extends UserPorts {
  readonly tenants: Pick<TenantStore, 'get' | 'keyByHash' | 'stateOf'>;
  readonly platforms: Pick<PlatformStore, 'keyByHash' | 'tenantOf' | 'tokenByHash'>;
  readonly noteKeyUse: NoteKeyUse;
  readonly clock: Clock;
}

/** The fields of a request that say who calls, for whom, and from which page. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** The field `Sender-Domains-Tenant`. */
  readonly tenant?: string | undefined;
  readonly origin?: string | undefined;
  /** The address that the request comes from. */
  readonly address: string;
}

/**
 * Returns the identity of a request: an API key's tenant, the tenant that a user of the dashboard
 * belongs to, or chose, the platform of a platform key with the tenant that it acts for, or the
 * tenant of a page's token; with the tenant's status where it is not active. What is known, but may
 * not do this, is refused by the functions, in words: API Gateway's own 403 has none. Undefined where
 * it is none of these.
 */
export async function authorize(
  { authorization, tenant: named, origin, address }: Credentials,
  ports: AuthorizerPorts,
): Promise<AuthorizerContext | undefined> {
  const [, token = ''] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  if (isPlatformKey(token)) return ofPlatformKey(token, named, ports);
  if (isJwt.test(token)) {
    return ofUser(token, named, ports, (actor, tenant) => actFor(actor, tenant, ports));
  }
  if (isMistypedApiKey(token) || isMistypedPlatformKey(token)) {
    return { scopes: '', refused: 'mistyped' };
  }
  const caller = await identify(token, { origin, address }, ports);
  if (caller === undefined) return undefined;
  const { status } = (await ports.tenants.stateOf(caller.tenant)) ?? activeState;
  const known = status === 'active' ? caller : { ...caller, status };
  return named === undefined ? known : { ...known, refused: 'tenant-field' };
}

/** Three parts in base64url (RFC 7515 §3.1). */
const isJwt = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Who a credential of one tenant is. */
type TenantCaller = AuthorizerContext & { readonly tenant: TenantId };

async function identify(
  token: string,
  { origin, address }: Pick<Credentials, 'origin' | 'address'>,
  ports: AuthorizerPorts,
): Promise<TenantCaller | undefined> {
  if (isApiKey(token)) return ofApiKey(token, address, ports);
  if (isPageToken(token)) return ofPageToken(token, origin, ports);
  return undefined;
}

/**
 * The key is found by its SHA-256: it has 256 random bits, so nothing slower is needed, and the
 * stored hashes grant nothing.
 */
async function ofApiKey(
  token: string,
  address: string,
  { tenants, noteKeyUse, clock }: Pick<AuthorizerPorts, 'tenants' | 'noteKeyUse' | 'clock'>,
): Promise<TenantCaller | undefined> {
  const key = await tenants.keyByHash(hashApiKey(token));
  if (key === undefined || key.revokedAt !== undefined) return undefined;
  const { tenant, scopes, strict, domains, addresses } = key;
  const caller: TenantCaller = {
    tenant,
    key: key.hash,
    scopes: scopes.join(' '),
    ...(strict === true ? { strict: 'true' } : {}),
    ...(domains === undefined ? {} : { domains: domains.join(' ') }),
  };
  if (hasExpired(key, clock.now())) return { ...caller, refused: 'ended' };
  if (addresses !== undefined && !isInRanges(address, addresses)) {
    return { ...caller, refused: 'address' };
  }
  await noteKeyUse(key.hash, tenant, address);
  return caller;
}

async function ofPlatformKey(
  token: string,
  named: string | undefined,
  { platforms, tenants }: Pick<AuthorizerPorts, 'platforms' | 'tenants'>,
): Promise<AuthorizerContext | undefined> {
  const key = await platforms.keyByHash(hashPlatformKey(token));
  if (key === undefined || key.revokedAt !== undefined) return undefined;
  return actFor({ platform: key.platform, key: key.hash }, named, { platforms, tenants });
}

/** A platform, by a key or a user of its own: for itself, or with every scope for a tenant. */
async function actFor(
  actor: Pick<AuthorizerContext, 'key' | 'user'> & { readonly platform: PlatformId },
  named: string | undefined,
  { platforms, tenants }: Pick<AuthorizerPorts, 'platforms' | 'tenants'>,
): Promise<AuthorizerContext> {
  if (named === undefined) return { ...actor, scopes: '' };
  const { platform } = actor;
  const id = await tenantNamed(named.trim(), platform, platforms);
  const tenant = id && (await tenants.get(id));
  if (tenant === undefined || tenant.platform !== platform) {
    return { ...actor, scopes: '', refused: 'unknown-tenant' };
  }
  const { status } = tenant.state ?? activeState;
  const caller = { ...actor, tenant: tenant.id, scopes: namesOf(allScopes) };
  return status === 'active' ? caller : { ...caller, status };
}

const tenantNamed = async (
  named: string,
  platform: PlatformId,
  platforms: Pick<PlatformStore, 'tenantOf'>,
): Promise<TenantId | undefined> =>
  isTenantId(named) ? named : platforms.tenantOf(platform, named);

/** A token ends after its hour, and with the key that made it. */
async function ofPageToken(
  token: string,
  origin: string | undefined,
  { platforms, clock }: Pick<AuthorizerPorts, 'platforms' | 'clock'>,
): Promise<TenantCaller | undefined> {
  const found = await platforms.tokenByHash(hashPageToken(token));
  if (found === undefined || hasEnded(found, clock.now())) return undefined;
  const maker = await platforms.keyByHash(found.madeBy);
  if (maker === undefined || maker.revokedAt !== undefined) return undefined;
  const { tenant, platform, scopes, domains, origins } = found;
  const isAllowed = origin !== undefined && origins.includes(origin);
  return {
    tenant,
    platform,
    scopes: scopes.join(' '),
    token: 'true',
    ...(domains === undefined ? {} : { domains: domains.join(' ') }),
    ...(isAllowed ? { origin } : { refused: 'origin' satisfies RefusedCaller }),
  };
}
