import { domainDocument, type ClaimSurroundings } from '#shared/api/domain-document.ts';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import { asOfNow } from '#shared/app/checks/evaluate/as-of-now.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { Publication } from '#shared/app/ports/publication-store.ts';
import type { DomainPorts } from './ports.ts';

type ReadPorts = Pick<
  DomainPorts,
  'deployment' | 'checks' | 'publications' | 'identities' | 'backlog' | 'clock'
>;

/** The documents of claims, in order, by one batch read of each thing they show. */
export async function describeClaims(
  claims: readonly Claim[],
  ports: ReadPorts,
): Promise<DomainDocument[]> {
  const around = await surroundings(claims, ports);
  const now = ports.clock.now();
  return claims.map((claim, index) =>
    domainDocument(claim, around[index] as ClaimSurroundings, ports.deployment, now),
  );
}

export async function describeClaim(claim: Claim, ports: ReadPorts): Promise<DomainDocument> {
  return (await describeClaims([claim], ports))[0] as DomainDocument;
}

async function surroundings(
  claims: readonly Claim[],
  { deployment, checks, publications, identities, backlog }: ReadPorts,
): Promise<ClaimSurroundings[]> {
  const labels = claims.map(({ label }) => label);
  const [results, published, identityOf, items] = await Promise.all([
    checks.results(labels),
    readPublications(claims, publications),
    identities.getMany([...new Set(claims.map(({ domain }) => domain))]),
    backlog.get(labels),
  ]);
  return claims.map((claim) => {
    const { domain, label } = claim;
    const [identity, result, publication, item] = [
      identityOf.get(domain),
      results.get(label),
      published.get(label),
      items.get(label),
    ];
    return {
      ...(identity && { identity }),
      ...(result && { result: asOfNow(result, claim, deployment) }),
      ...(publication && { publication }),
      ...(item && { backlog: item }),
    };
  });
}

async function readPublications(
  claims: readonly Claim[],
  publications: ReadPorts['publications'],
): Promise<Map<Label, Publication>> {
  const labelsOf = new Map<ShardName, Label[]>();
  for (const { shard, label } of claims) {
    labelsOf.set(shard, [...(labelsOf.get(shard) ?? []), label]);
  }
  const found = await Promise.all(
    [...labelsOf].map(([shard, labels]) => publications.get(shard, labels)),
  );
  return new Map(found.flatMap((some) => [...some]));
}
