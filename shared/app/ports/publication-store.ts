import { retry, retryLimits } from '#shared/async/retry.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';

/** The published records of one claim, and their progress. */
export interface Publication {
  readonly shard: ShardName;
  readonly label: Label;
  /** Grows by one with every write of this item; every write is conditional on it. */
  readonly revision: number;
  /** The claim version whose records these are; 0 before the first was published. */
  readonly claimVersion: number;
  /** The records that Route 53 accepted last. */
  readonly records: readonly HostedRecord[];
  /** Since when each record (by `recordKey`) has been INSYNC in its present value, ISO 8601. */
  readonly insyncSince: Readonly<Record<string, string>>;
  /** The Route 53 change that put each record (by `recordKey`) that is not INSYNC yet. */
  readonly pending: Readonly<Record<string, PendingChange>>;
  /**
   * Since when `records` may not be what the zone holds, ISO 8601. It is set before a submission
   * and at drift, and removed once the outcome is noted. While it is there, the zone is read.
   */
  readonly uncertainSince?: string;
  /** Route 53's reason to refuse this claim's records; the claim's version that was refused. */
  readonly parked?: {
    readonly reason: string;
    readonly since: string;
    readonly claimVersion: number;
  };
}

export interface PendingChange {
  readonly changeId: string;
  /** ISO 8601. */
  readonly submittedAt: string;
}

/** A claim of which nothing was published yet; revision 0 means "no item". */
export const unpublished = (shard: ShardName, label: Label): Publication => ({
  shard,
  label,
  revision: 0,
  claimVersion: 0,
  records: [],
  insyncSince: {},
  pending: {},
});

/** The publisher's own table; nothing streams from it. */
export interface PublicationStore {
  /**
   * Strongly consistent.
   *
   * @throws Throttled
   */
  get(shard: ShardName, labels: readonly Label[]): Promise<Map<Label, Publication>>;
  /**
   * Writes where the stored revision is still `publication.revision - 1` (absent for 1).
   *
   * @throws Conflict
   * @throws Throttled
   */
  put(publication: Publication): Promise<void>;
  /** All of a shard, page by page, strongly consistent, for the reconciler. */
  list(
    shard: ShardName,
    cursor?: string,
  ): Promise<{ publications: Publication[]; cursor: string | undefined }>;
  /** The labels of a shard in order, page by page, retired claims' too; for planners. */
  labels(shard: ShardName, after?: Label): Promise<{ labels: Label[]; cursor: Label | undefined }>;
}

/**
 * Notes that the zone may hold something else than `records` say, so that the publisher reads it
 * before it computes changes. Where another writer is at the item, it is tried again on top.
 *
 * @param at ISO 8601
 * @throws Conflict where others write each time
 * @throws Throttled
 */
export async function markUncertain(
  store: PublicationStore,
  shard: ShardName,
  label: Label,
  at: string,
): Promise<void> {
  await retry(retryLimits.conflict, async () => {
    const stored = (await store.get(shard, [label])).get(label) ?? unpublished(shard, label);
    if (stored.uncertainSince !== undefined) return;
    await store.put({ ...stored, revision: stored.revision + 1, uncertainSince: at });
  });
}
