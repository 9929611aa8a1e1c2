import type { Claim, ClaimKey } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { parseDomainName, type DomainName } from '#shared/core/model/names.ts';
import type { DomainPorts } from './ports.ts';

/**
 * The tenant's own claim. The answer is the same whether or not anybody else has the domain.
 *
 * @throws Refusal `not-found`
 */
export async function requireClaim(key: ClaimKey, claims: DomainPorts['claims']): Promise<Claim> {
  const claim = await claims.get(key);
  if (claim === undefined) throw notFound(key.domain);
  return claim;
}

/**
 * Nothing is begun for a domain that is going.
 *
 * @throws Refusal `domain-deleting`
 */
export function requireLive({ domain, lifecycle }: Claim): void {
  if (lifecycle === 'live') return;
  throw new Refusal(
    'domain-deleting',
    `${domain} is being deleted; claim it again with POST /v1/domains to undo that.`,
  );
}

/**
 * The domain in a path; what cannot be a domain's name is not found.
 *
 * @throws Refusal `not-found`
 */
export function domainInPath(text: string): DomainName {
  try {
    return parseDomainName(text);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal('not-found', error.message);
    throw error;
  }
}

const notFound = (domain: DomainName) =>
  new Refusal('not-found', `You have no domain ${domain}; claim it with POST /v1/domains.`);
