import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import type { ClaimStore } from '../../ports/claim-store.ts';
import { labelsIn } from '#shared/core/records/labels.ts';
import type { Observations } from './observations.ts';

/** More than that many labels in one customer's DNS are no mistake that a look-up helps with. */
const MOST_LABELS = 5;

/**
 * Which of the labels that a domain's DNS points at are of claims of this very domain that this very
 * tenant made before, and deleted or let expire. Of anybody else's label, and of one that never was,
 * nothing is told: they are alike.
 */
export async function oldLabels(
  { tenant, domain, label }: Claim,
  observations: Observations,
  zone: DomainName,
  claims: Pick<ClaimStore, 'getByLabel'>,
): Promise<ReadonlySet<Label>> {
  const texts = [...observations.values()]
    .flat()
    .flatMap(({ values, cnames }) => [...values, ...cnames]);
  const seen = new Set(texts.flatMap((text) => labelsIn(text, zone)));
  seen.delete(label);
  const found = await Promise.all(
    [...seen].slice(0, MOST_LABELS).map((one) => claims.getByLabel(one)),
  );
  return new Set(
    found.flatMap((claim) =>
      claim?.tenant === tenant && claim.domain === domain ? [claim.label] : [],
    ),
  );
}
