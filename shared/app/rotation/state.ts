import type { StoredItemError } from '#shared/core/model/errors.ts';
import { isParked, type Claim } from '#shared/core/model/claim.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { BacklogItem } from '../ports/rotation-backlog.ts';
import type { Publication } from '../ports/publication-store.ts';
import { readApart } from '../stored-items.ts';
import type { RotationPorts } from './ports.ts';

/** A claim with all that decides what its keys may do. */
export interface ClaimState {
  readonly claim: Claim;
  readonly publication: Publication | undefined;
  /** The ids in the table of revoked keys, this claim's among them. */
  readonly revoked: ReadonlySet<string>;
  readonly item: BacklogItem | undefined;
}

export interface ClaimStates {
  readonly states: ReadonlyMap<Label, ClaimState>;
  /** Labels whose claim or publication cannot be read. */
  readonly malformed: ReadonlyMap<Label, StoredItemError>;
}

/** Reads many at once, strongly consistent; labels without a claim are left out. */
export async function readStates(
  { claims, publications, revokedKeys, backlog }: RotationPorts,
  shard: ShardName,
  labels: readonly Label[],
): Promise<ClaimStates> {
  const [{ found: all, malformed }, { found: published, malformed: unreadable }, items] =
    await Promise.all([
      readApart(labels, (some) => claims.getByLabels(some)),
      readApart(labels, (some) => publications.get(shard, some)),
      backlog.get(labels),
    ]);
  // A parked domain has no keys to rotate.
  const found = new Map([...all].filter(([, claim]) => !isParked(claim)));
  const keyIds = [...found.values()].flatMap(({ keys }) => keys.map(({ id }) => id));
  const revoked = await revokedKeys.among(keyIds);
  const states = [...found]
    .filter(([label]) => !unreadable.has(label))
    .map(([label, claim]): [Label, ClaimState] => [
      label,
      { claim, publication: published.get(label), revoked, item: items.get(label) },
    ]);
  return { states: new Map(states), malformed: new Map([...malformed, ...unreadable]) };
}

/** Reads one; undefined where the label has no claim. @throws StoredItemError where it is malformed */
export async function readState(
  ports: RotationPorts,
  { shard, label }: { readonly shard: ShardName; readonly label: Label },
): Promise<ClaimState | undefined> {
  const { states, malformed } = await readStates(ports, shard, [label]);
  const error = malformed.get(label);
  if (error !== undefined) throw error;
  return states.get(label);
}
