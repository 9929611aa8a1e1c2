import { domainDocument, type ClaimSurroundings } from '#shared/api/domain-document.ts';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import { identityViews } from '#shared/app/identity-views.ts';
import { asOfNow } from '#shared/app/checks/evaluate/as-of-now.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { expiresAt } from '#shared/core/model/expiry.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { IdentityView } from '#shared/app/ports/identities.ts';
import type { Publication } from '#shared/app/ports/publication-store.ts';
import { readApart, type Apart } from '#shared/app/stored-items.ts';
import type { DomainPorts } from './ports.ts';

/** The problem of a domain whose publication is malformed, as its tenant reads it. */
const UNREADABLE =
  'What is stored about the published records cannot be read, so they are not updated. The operator of the service is notified.';

type ReadPorts = Pick<
  DomainPorts,
  'deployment' | 'pending' | 'checks' | 'publications' | 'identities' | 'backlog' | 'clock'
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

/** Reads what there is beside claims. What is malformed is as if it were not there, logged and counted. */
async function surroundings(
  claims: readonly Claim[],
  { deployment, pending, checks, publications, identities, backlog, clock }: ReadPorts,
): Promise<ClaimSurroundings[]> {
  const labels = claims.map(({ label }) => label);
  const [results, published, views, items] = await Promise.all([
    readApart(labels, (some) => checks.results(some)),
    readPublications(claims, publications),
    readApart(claims, (some) => viewsOf(some, identities)),
    readApart(labels, (some) => backlog.get(some)),
  ]);
  const unreadable = { parked: { reason: UNREADABLE, since: clock.now().toISOString() } };
  return claims.map((claim) => {
    const { label } = claim;
    const [identity, result, item] = [
      views.found.get(claim),
      results.found.get(label),
      items.found.get(label),
    ];
    const expiry = expiresAt(claim, pending);
    const publication = published.malformed.has(label) ? unreadable : published.found.get(label);
    return {
      ...(identity && { identity }),
      ...(result && { result: asOfNow(result, claim, deployment) }),
      ...(publication && { publication }),
      ...(item && { backlog: item }),
      ...(expiry && { expiresAt: expiry }),
    };
  });
}

const viewsOf = async (
  claims: readonly Claim[],
  identities: ReadPorts['identities'],
): Promise<Map<Claim, IdentityView>> => {
  const views = await identityViews(claims, identities);
  return new Map(
    claims.flatMap((claim) => {
      const view = views.get(claim.label);
      return view === undefined ? [] : [[claim, view]];
    }),
  );
};

async function readPublications(
  claims: readonly Claim[],
  publications: ReadPorts['publications'],
): Promise<Apart<Label, Publication>> {
  const labelsOf = new Map<ShardName, Label[]>();
  for (const { shard, label } of claims) {
    labelsOf.set(shard, [...(labelsOf.get(shard) ?? []), label]);
  }
  const read = await Promise.all(
    [...labelsOf].map(([shard, labels]) =>
      readApart(labels, (some) => publications.get(shard, some)),
    ),
  );
  return {
    found: new Map(read.flatMap(({ found }) => [...found])),
    malformed: new Map(read.flatMap(({ malformed }) => [...malformed])),
  };
}
