import type { HostedRecord } from '../records/hosted-records.ts';
import type { Label, ShardName } from '../domain/names.ts';

/** What is published of one claim, and how far that has come. */
export interface Publication {
  readonly shard: ShardName;
  readonly label: Label;
  /** Grows by one with every write of this item; every write is conditional on it. */
  readonly revision: number;
  /** The claim version whose records these are. */
  readonly claimVersion: number;
  /** The records that Route 53 accepted last. */
  readonly records: readonly HostedRecord[];
  /** Since when each record (by `name type`) has been INSYNC in its present value, ISO 8601. */
  readonly insyncSince: Readonly<Record<string, string>>;
  /** The Route 53 change that is not INSYNC yet. */
  readonly change?: { readonly id: string; readonly submittedAt: string };
  /** Why Route 53 refuses this claim's records; the claim's version that was refused. */
  readonly parked?: {
    readonly reason: string;
    readonly since: string;
    readonly claimVersion: number;
  };
}

/** The publisher's own table; nothing streams from it. */
export interface PublicationStore {
  /** Strongly consistent. */
  get(shard: ShardName, labels: readonly Label[]): Promise<Map<Label, Publication>>;
  /**
   * Writes where the stored revision is still `publication.revision - 1` (absent for 1).
   *
   * @throws Conflict
   */
  put(publication: Publication): Promise<void>;
  /** All of a shard, page by page, for the reconciler. */
  list(
    shard: ShardName,
    cursor?: string,
  ): Promise<{ publications: Publication[]; cursor: string | undefined }>;
}
