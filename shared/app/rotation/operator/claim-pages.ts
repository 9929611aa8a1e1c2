import { pages } from '#shared/async/page.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { OperatorPorts } from './ports.ts';

const CLAIMS_PER_PAGE = 100;

/** Reads the claims of a tenant, or of all tenants, page by page. */
export async function* claimPages(
  tenant: TenantId | 'all',
  { claims }: OperatorPorts,
): AsyncGenerator<readonly Claim[]> {
  const read = (from: { readonly cursor?: string }) => {
    const page = { limit: CLAIMS_PER_PAGE, ...from };
    return tenant === 'all' ? claims.scan(page) : claims.list(tenant, page);
  };
  for await (const page of pages(read)) yield page.claims;
}
