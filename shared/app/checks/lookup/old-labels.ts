import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import type { ClaimStore } from '../../ports/claim-store.ts';
import { labelsIn } from '#shared/core/records/labels.ts';
import type { Observations } from './observations.ts';

/** More labels than that in one customer's DNS are no mistake that a lookup helps with. */
const MOST_LABELS = 5;

/**
 * Returns the labels in a domain's DNS that are this tenant's deleted or expired claims of that
 * domain. Labels of other tenants and labels that never existed are treated alike: it reveals
 * neither.
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
