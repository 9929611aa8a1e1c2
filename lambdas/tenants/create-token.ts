import { Refusal } from '#shared/core/model/errors.ts';
import { parseDomainName, type PlatformId } from '#shared/core/model/names.ts';
import {
  hashPageToken,
  pageTokenOf,
  type PageToken,
  type TokenScope,
} from '#shared/core/model/page-token.ts';
import { parseOrigin } from '#shared/core/model/platform.ts';
import { later } from '#shared/core/time.ts';
import type { TenantRoutePorts } from './ports.ts';
import { requireTenant } from './require-tenant.ts';

export interface TokenRequest {
  readonly platform: PlatformId;
  /** The hash of the platform key that asks. */
  readonly madeBy: string;
  /** Id or external id. */
  readonly tenant: string;
  readonly scopes: readonly TokenScope[];
  readonly domains?: readonly string[] | undefined;
  readonly origins?: readonly string[] | undefined;
  readonly seconds: number;
}

/**
 * Makes a token of an hour at most for a tenant.
 *
 * @returns the token itself, which is kept nowhere, and what is kept of it
 * @throws Refusal `tenant-not-found`, `domain-invalid`; `origin-unknown` where the platform has
 *   no origins, or not this one
 */
export async function createToken(
  request: TokenRequest,
  ports: TenantRoutePorts,
): Promise<{ readonly token: string; readonly stored: PageToken }> {
  const { platform, madeBy, scopes, seconds } = request;
  const tenant = await requireTenant(platform, request.tenant, ports);
  const domains = request.domains?.map(parseDomainName);
  const origins = await allowedOrigins(request, ports);
  const now = ports.clock.now();
  const token = pageTokenOf(ports.random.bytes(32));
  const stored: PageToken = {
    hash: hashPageToken(token),
    tenant: tenant.id,
    platform,
    madeBy,
    scopes: [...new Set(scopes)],
    ...(domains === undefined ? {} : { domains: [...new Set(domains)] }),
    origins,
    createdAt: now.toISOString(),
    expiresAt: later(now, seconds * 1_000),
  };
  await ports.platforms.addToken(stored);
  return { token, stored };
}

async function allowedOrigins(
  { platform, origins }: Pick<TokenRequest, 'platform' | 'origins'>,
  { platforms }: Pick<TenantRoutePorts, 'platforms'>,
): Promise<readonly string[]> {
  const { origins: allowed = [] } = (await platforms.get(platform)) ?? {};
  if (allowed.length === 0) {
    throw new Refusal(
      'origin-unknown',
      'Your platform names no origins of pages that may use its tokens; set them with PATCH /v1/platform.',
    );
  }
  if (origins === undefined) return allowed;
  const wanted = [...new Set(origins.map(parseOrigin))];
  const unknown = wanted.filter((origin) => !allowed.includes(origin));
  if (unknown.length === 0) return wanted;
  throw new Refusal(
    'origin-unknown',
    `Your platform does not name the origin ${unknown.join(', ')}; add it with PATCH /v1/platform.`,
  );
}
