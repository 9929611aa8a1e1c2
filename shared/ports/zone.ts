import type { HostedRecord } from '../records/hosted-records.ts';
import type { RecordChange } from '../records/changes.ts';
import type { ShardName } from '../domain/names.ts';

/** The hosted zones, one per shard. */
export interface Zone {
  /**
   * Submits one atomic batch.
   *
   * @returns the change id
   * @throws Throttled for `Throttling` and `PriorRequestNotComplete`: nothing was done
   * @throws ZoneRefusal where Route 53 refuses the batch for what it holds
   */
  submit(shard: ShardName, changes: readonly RecordChange[]): Promise<string>;
  /** @throws Throttled */
  isInsync(changeId: string): Promise<boolean>;
  /** Record sets of a zone, page by page, apart from the zone's own NS and SOA. @throws Throttled */
  list(
    shard: ShardName,
    cursor?: string,
  ): Promise<{ records: HostedRecord[]; cursor: string | undefined }>;
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
