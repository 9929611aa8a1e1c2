import type { Tenant } from '#shared/app/ports/tenant-store.ts';
import type { OnlyPart } from '#shared/api/routes/record-schemas.ts';
import type { Claim, ClaimStatus } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { PlatformId, TenantId } from '#shared/core/model/names.ts';
import type { DomainPorts } from './ports.ts';

export interface TodoQuery {
  readonly format: 'json' | 'csv' | 'terraform' | 'route53';
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly prefix?: string | undefined;
  readonly status?: ClaimStatus | undefined;
  readonly contact?: string | undefined;
  readonly provider?: string | undefined;
  readonly only?: OnlyPart;
}

/** A tenant, or a platform for all of its tenants. */
export type TodoOwner =
  | { readonly tenant: TenantId; readonly platform?: PlatformId | undefined }
  | { readonly tenant: undefined; readonly platform: PlatformId };

type Ports = Pick<DomainPorts, 'claims' | 'tenants' | 'platforms'>;

/** Claims of one tenant that are on a page. */
export interface TodoTenant {
  readonly tenant: Tenant;
  readonly claims: readonly Claim[];
}

interface Page {
  readonly tenants: readonly TodoTenant[];
  /** Undefined on the last page. */
  readonly cursor: string | undefined;
}

/** Tenants of a platform that are read at a time. */
const TENANTS_PER_READ = 50;
/** Tenants of a platform that one page goes over, also where they have no domains. */
const TENANTS_PER_PAGE = 200;

/** The place of the next page: which tenants, how many of them are done, and how far the next is. */
interface Place {
  /** Of the list of tenants. */
  readonly tenants?: string;
  readonly done: number;
  /** Of the list of the next tenant's domains. */
  readonly domains?: string;
}

/**
 * Reads the claims of a page: of one tenant, or of a platform's tenants one after the other.
 *
 * @throws Refusal `invalid-cursor`
 */
export const claimsOfPage = async (
  owner: TodoOwner,
  query: TodoQuery,
  ports: Ports,
): Promise<Page> => {
  const place = placeOf(query.cursor);
  if (owner.tenant === undefined) return ofPlatform(owner.platform, query, place, ports);
  const tenant = await ports.tenants.get(owner.tenant);
  if (tenant === undefined) throw new Refusal('not-found', 'Your account was removed.');
  const page = await listOf(tenant, query, query.limit, place.domains, ports);
  const next = page.cursor && cursorOf({ done: 0, domains: page.cursor });
  return { tenants: [{ tenant, claims: page.claims }], cursor: next };
};

async function ofPlatform(
  platform: PlatformId,
  query: TodoQuery,
  start: Place,
  ports: Ports,
): Promise<Page> {
  const found: TodoTenant[] = [];
  let left = query.limit;
  let read = 0;
  let place = start;
  for (;;) {
    const { tenants, cursor } = await ports.platforms.tenants(platform, {
      limit: TENANTS_PER_READ,
      ...(place.tenants === undefined ? {} : { cursor: place.tenants }),
    });
    for (const tenant of tenants.slice(place.done)) {
      if (left === 0 || read === TENANTS_PER_PAGE)
        return { tenants: found, cursor: cursorOf(place) };
      const page = await listOf(tenant, query, left, place.domains, ports);
      found.push({ tenant, claims: page.claims });
      left -= page.claims.length;
      read += 1;
      const { domains: _, ...rest } = place;
      place =
        page.cursor === undefined
          ? { ...rest, done: place.done + 1 }
          : { ...rest, domains: page.cursor };
      if (page.cursor !== undefined) return { tenants: found, cursor: cursorOf(place) };
    }
    if (cursor === undefined) return { tenants: found, cursor: undefined };
    place = { tenants: cursor, done: 0 };
  }
}

const listOf = (
  { id }: Tenant,
  { prefix }: TodoQuery,
  limit: number,
  cursor: string | undefined,
  { claims }: Ports,
) =>
  claims.list(id, {
    limit,
    ...(prefix === undefined ? {} : { prefix }),
    ...(cursor === undefined ? {} : { cursor }),
  });

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';

const cursorOf = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** The cursors inside are checked by their own lists. @throws Refusal `invalid-cursor` */
function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return { done: 0 };
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Partial<Place>;
    const { tenants, done, domains } = place;
    if (Number.isInteger(done) && (done as number) >= 0 && isText(tenants) && isText(domains)) {
      return place as Place;
    }
  } catch {
    // Refused below, as any other text that is none of our cursors.
  }
  throw new Refusal(
    'invalid-cursor',
    'The cursor is not one that this list gave; start again without a cursor.',
  );
}
