import { providerOf } from '#shared/app/checks/evaluate/dns-providers.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainPorts } from './ports.ts';

/** The most name servers that are shown. */
const MOST_SHOWN = 6;

/**
 * Returns where the DNS of a domain is managed, by the delegation of its zone: records that somebody
 * enters elsewhere have no effect.
 */
export async function whereDnsIs(
  { domain }: Pick<Claim, 'domain'>,
  { resolver }: Pick<DomainPorts, 'resolver'>,
): Promise<{ zone: string | null; provider: string | null; nameServers: string[] }> {
  const { zone = null, nameServers } = await resolver.delegation(domain);
  return {
    zone,
    provider: providerOf(nameServers) ?? null,
    nameServers: nameServers.slice(0, MOST_SHOWN),
  };
}
