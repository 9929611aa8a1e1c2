import type { Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { isLabel, type Label, type ShardName } from '#shared/core/model/names.ts';
import type { Publication } from '#shared/app/ports/publication-store.ts';
import { changesBetween, recordKey } from '#shared/core/records/changes.ts';
import { desiredRecords } from '#shared/core/records/desired-records.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import { HOUR_MS } from '#shared/core/time.ts';

/**
 * Groups the record sets of a zone by the label above them; those under no label belong to no
 * claim.
 */
export interface LabelledRecords {
  readonly byLabel: ReadonlyMap<Label, HostedRecord[]>;
  /** `name type` of the others. */
  readonly strays: readonly string[];
}

export function byLabel(records: readonly HostedRecord[], shard: ShardName): LabelledRecords {
  const labelled = new Map<Label, HostedRecord[]>();
  const strays: string[] = [];
  for (const record of records) {
    const label = record.name.slice(0, -`.${shard}`.length).split('.').at(-1) ?? '';
    if (!record.name.endsWith(`.${shard}`) || !isLabel(label)) strays.push(recordKey(record));
    else labelled.set(label, [...(labelled.get(label) ?? []), record]);
  }
  return { byLabel: labelled, strays };
}

/** `name type` of the record sets that differ between what we published and what a zone holds. */
export const differences = (
  published: readonly HostedRecord[],
  actual: readonly HostedRecord[],
): string[] => changesBetween(published, actual).map(({ record }) => recordKey(record));

/** A poll that still goes on after this was lost: most changes are INSYNC within a minute. */
const POLL_LOST_MS = HOUR_MS;

/** Returns true if the publisher has work for a claim, as far as the tables show. */
export function wantsPublisher(
  publication: Publication | undefined,
  claim: Claim | undefined,
  revoked: ReadonlySet<string>,
  deployment: Deployment,
  now: Date,
): boolean {
  if (claim === undefined) return false;
  if (publication === undefined) return true;
  if (publication.parked !== undefined || publication.uncertainSince !== undefined) return true;
  const { insyncSince, pending, records } = publication;
  const isUnfollowed = records.some((record) => {
    const key = recordKey(record);
    return insyncSince[key] === undefined && pending[key] === undefined;
  });
  const isPollLost = Object.values(pending).some(
    ({ submittedAt }) => now.getTime() - Date.parse(submittedAt) > POLL_LOST_MS,
  );
  if (isUnfollowed || isPollLost) return true;
  try {
    return changesBetween(desiredRecords(claim, revoked, deployment), records).length > 0;
  } catch {
    // The records cannot be made: the publisher parks the claim with the reason.
    return true;
  }
}
