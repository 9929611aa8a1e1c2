import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import type { RecordChange } from '#shared/core/records/changes.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';

/** Record sets as a zone holds them, its own NS and SOA left out. */
export interface ZoneRecords {
  /** Those of the kind that we make. */
  readonly records: HostedRecord[];
  /** `name type` of those that we never make: another type, an alias, a routing policy. */
  readonly foreign: string[];
}

/** - `unknown`: Route 53 knows no such change (any more). */
export type ChangeStatus = 'pending' | 'insync' | 'unknown';

/** The hosted zones, one per shard. */
export interface Zone {
  /**
   * Submits one atomic batch.
   *
   * @returns the change id
   * @throws Throttled for `Throttling` and `PriorRequestNotComplete`: nothing was done
   * @throws ZoneRefusal where Route 53 refuses the batch for what it holds: nothing was done
   * @throws ZoneUnavailable where the outcome is unknown
   */
  submit(shard: ShardName, changes: readonly RecordChange[]): Promise<string>;
  /**
   * @throws Throttled
   * @throws ZoneUnavailable
   */
  changeStatus(changeId: string): Promise<ChangeStatus>;
  /**
   * Lists a zone's records, page by page.
   *
   * @throws Throttled
   * @throws ZoneUnavailable
   */
  list(shard: ShardName, cursor?: string): Promise<ZoneRecords & { cursor: string | undefined }>;
  /**
   * Lists a zone's records at and below `<label>.<shard>`, in one request where it is one page.
   *
   * @throws Throttled
   * @throws ZoneUnavailable
   */
  listLabel(shard: ShardName, label: Label): Promise<ZoneRecords>;
}

/** Route 53 refused a batch for its content; trying the same again cannot help. */
export class ZoneRefusal extends Error {
  /** Route 53's own messages, one per offending change where it says so. */
  readonly reasons: readonly string[];
  constructor(reasons: readonly string[], options?: ErrorOptions) {
    super(`Route 53 refused the change: ${reasons.join('; ')}`, options);
    this.name = 'ZoneRefusal';
    this.reasons = reasons;
  }
}

/** Route 53 did not answer, or answered with a failure of its own; what was asked may be done or not. */
export class ZoneUnavailable extends Error {
  constructor(asked: string, options?: ErrorOptions) {
    super(`Route 53 did not answer ${asked}`, options);
    this.name = 'ZoneUnavailable';
  }
}
