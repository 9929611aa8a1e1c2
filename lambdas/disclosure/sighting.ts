import type { Claim } from '#shared/core/model/claim.ts';
import type { Sighting } from '#shared/core/model/disclosure.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { answered, type Lookup } from '#shared/core/model/lookup.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';

/**
 * Queries a public key wherever a receiver could find it. These are the three names that we host,
 * on our name servers, and the customer's own, on theirs and through resolvers, which follow
 * CNAMEs.
 */
export async function sightingOf(
  claim: Claim,
  publicKey: string,
  resolver: Pick<Resolver, 'authoritative' | 'lookupEverywhere'>,
): Promise<Sighting> {
  const slots = await Promise.all(
    claim.keys.map(async ({ selector }) => {
      const name = `${selector}._domainkey.${claim.domain}`;
      const [hosted, own, resolved] = await Promise.all([
        resolver.authoritative(hostedKeyName(claim, selector), 'TXT'),
        resolver.authoritative(name, 'TXT'),
        resolver.lookupEverywhere(name, 'TXT'),
      ]);
      return { hosted: answered(hosted), own, resolved };
    }),
  );
  const lookups = slots.flatMap(({ hosted, own, resolved }) => [...hosted, ...own, ...resolved]);
  if (lookups.some((lookup) => shows(lookup, publicKey))) return 'there';
  const isAnswered = slots.every(
    ({ hosted, resolved }) => hosted.length > 0 && mostAnswered(resolved),
  );
  return isAnswered ? 'gone' : 'unknown';
}

/** However the record was copied: with spaces, quotes or backslashes in it, without its padding. */
function shows({ values }: Lookup, publicKey: string): boolean {
  const bare = bareBase64(publicKey);
  return values.some((value) => bareBase64(value).includes(bare));
}

const bareBase64 = (text: string): string => text.replaceAll(/[^A-Za-z0-9+/]/g, '');

const mostAnswered = (lookups: readonly Lookup[]): boolean =>
  answered(lookups).length * 2 > lookups.length;
