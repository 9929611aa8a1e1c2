import type { Claim } from '#shared/core/model/claim.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { OperatorPorts } from './ports.ts';

const CLAIMS_PER_PAGE = 100;

/** Reads the claims of a tenant, or of all tenants, page by page. */
export async function* claimPages(
  tenant: TenantId | 'all',
  { claims }: OperatorPorts,
): AsyncGenerator<readonly Claim[]> {
  let cursor: string | undefined;
  do {
    const page = { limit: CLAIMS_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const found = await (tenant === 'all' ? claims.scan(page) : claims.list(tenant, page));
    yield found.claims;
    ({ cursor } = found);
  } while (cursor !== undefined);
}
