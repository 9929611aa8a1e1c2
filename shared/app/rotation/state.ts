import type { Claim } from '#shared/core/model/claim.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { BacklogItem } from '../ports/rotation-backlog.ts';
import type { Publication } from '../ports/publication-store.ts';
import type { RotationPorts } from './ports.ts';

/** A claim with all that decides what its keys may do. */
export interface ClaimState {
  readonly claim: Claim;
  readonly publication: Publication | undefined;
  /** Ids that stand in the table of revoked keys, this claim's among them. */
  readonly revoked: ReadonlySet<string>;
  readonly item: BacklogItem | undefined;
}

/** Reads many at once, strongly consistent; labels without a claim are left out. */
export async function readStates(
  { claims, publications, revokedKeys, backlog }: RotationPorts,
  shard: ShardName,
  labels: readonly Label[],
): Promise<Map<Label, ClaimState>> {
  const [found, published, items] = await Promise.all([
    claims.getByLabels(labels),
    publications.get(shard, labels),
    backlog.get(labels),
  ]);
  const keyIds = [...found.values()].flatMap(({ keys }) => keys.map(({ id }) => id));
  const revoked = await revokedKeys.among(keyIds);
  return new Map(
    [...found].map(([label, claim]) => [
      label,
      { claim, publication: published.get(label), revoked, item: items.get(label) },
    ]),
  );
}

/** One of them; undefined where the label has no claim. */
export const readState = async (
  ports: RotationPorts,
  { shard, label }: { readonly shard: ShardName; readonly label: Label },
): Promise<ClaimState | undefined> => (await readStates(ports, shard, [label])).get(label);
