import type { ShardName } from '#shared/core/model/names.ts';

/** Who asks for a zone, and since when its claim on it counts. */
export interface ZoneLeaseRequest {
  /** A name that no other publisher has. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Epoch milliseconds; from then on, others may take the zone. */
  readonly until: number;
  /** True for revocations: others then hand the zone over. */
  readonly urgent: boolean;
}

/**
 * The publisher that may write to each zone now. A lease ends by itself, so that a publisher that
 * died holds up nobody.
 */
export interface ZoneLeases {
  /**
   * Takes the zone of a shard, or extends one's own lease of it.
   *
   * @returns false where another holds it, or where an urgent one waits for it and this one is not
   */
  take(shard: ShardName, request: ZoneLeaseRequest): Promise<boolean>;
  /**
   * Makes whoever holds the zone hand it over, and keeps others that are not urgent from it.
   *
   * @param until epoch milliseconds; ends before that once an urgent one takes the zone
   */
  request(shard: ShardName, until: number): Promise<void>;
  /** Gives the zone back; nothing where another holds it. */
  release(shard: ShardName, by: string): Promise<void>;
}
