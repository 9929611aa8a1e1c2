import type { Deployment } from '#shared/core/model/deployment.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { RevokedKeys } from '#shared/app/ports/key-vault.ts';
import type { PublicationStore } from '#shared/app/ports/publication-store.ts';
import type { InsyncRequest, PublishRequest, Queue } from '#shared/app/ports/queues.ts';
import type { Zone } from '#shared/app/ports/zone.ts';
import type { RetryTime } from '#shared/async/retry.ts';

export interface PublisherPorts extends RetryTime {
  readonly deployment: Deployment;
  readonly claims: Pick<ClaimStore, 'getByLabels'>;
  readonly publications: PublicationStore;
  readonly revokedKeys: Pick<RevokedKeys, 'among'>;
  readonly zone: Zone;
  readonly publishQueue: Queue<PublishRequest>;
  readonly insyncQueue: Queue<InsyncRequest>;
  readonly log: (event: PublisherEvent) => void;
}

/**
 * The outcomes that a pass logs for the operator.
 *
 * - `published`: Route 53 accepted a batch.
 * - `parked`: Route 53 refuses a claim's records, or they cannot be made; the claim waits.
 * - `waiting`: the zone (or a table) would not go on; tried again after a pause.
 * - `put-off`: the pass ran out of time; the labels are queued again.
 * - `late`: deferred for over 15 minutes in all.
 * - `no-claim`: a label that no claim of this shard has; nothing is touched.
 * - `failed`: a fault of ours; the messages come again, then go to the dead letters.
 */
export type PublisherEvent =
  | {
      readonly kind: 'published';
      readonly shard: ShardName;
      readonly changeId: string;
      readonly claims: number;
      readonly changes: number;
    }
  | {
      readonly kind: 'parked';
      readonly shard: ShardName;
      readonly label: Label;
      readonly reason: string;
    }
  | { readonly kind: 'waiting'; readonly shard: ShardName; readonly reason: string }
  | {
      readonly kind: 'put-off' | 'late';
      readonly shard: ShardName;
      readonly labels: number;
      readonly since: string;
    }
  | { readonly kind: 'no-claim'; readonly shard: ShardName; readonly label: Label }
  | { readonly kind: 'failed'; readonly shard?: ShardName; readonly error: unknown };
