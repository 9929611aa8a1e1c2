import type { ClaimStore } from '../ports/claim-store.ts';
import type { ContactStore } from '../ports/contact-store.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { ContactDomain } from '#shared/core/model/contact.ts';
import type { HandOver } from '#shared/core/model/hand-over.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { slicesOf } from '#shared/core/slices.ts';

/** Claims of one batch read. */
const PER_READ = 50;

/** Returns the live claims of the domains whose DNS a contact runs, by name. */
export async function contactClaims(
  { owner, contact }: Pick<HandOver, 'owner' | 'contact'>,
  {
    contacts,
    claims,
  }: {
    readonly contacts: Pick<ContactStore, 'domainsOf'>;
    readonly claims: Pick<ClaimStore, 'getHeld'>;
  },
): Promise<Claim[]> {
  return claimsOf(await contacts.domainsOf(owner, contact), { claims });
}

/** Returns the live claims among those of domains of contacts, by name. */
export async function claimsOf(
  domains: readonly ContactDomain[],
  { claims }: { readonly claims: Pick<ClaimStore, 'getHeld'> },
): Promise<Claim[]> {
  const keys = domains.map(({ tenant, domain }) => ({ tenant, domain: domain as DomainName }));
  const found: Claim[] = [];
  for (const some of slicesOf(keys, PER_READ)) {
    for (const { claim } of await claims.getHeld(some)) {
      if (claim?.lifecycle === 'live') found.push(claim);
    }
  }
  return found.toSorted((one, other) => (one.domain < other.domain ? -1 : 1));
}
