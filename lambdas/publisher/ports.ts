import type { Deployment } from '#shared/core/model/deployment.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { RevokedKeys } from '#shared/app/ports/key-vault.ts';
import type { PublicationStore } from '#shared/app/ports/publication-store.ts';
import type { InsyncRequest, PublishRequest, Queue } from '#shared/app/ports/queues.ts';
import type { Zone } from '#shared/app/ports/zone.ts';
import type { ZoneLeases } from '#shared/app/ports/zone-leases.ts';
import type { RetryTime } from '#shared/async/retry.ts';

export interface PublisherPorts extends RetryTime {
  readonly deployment: Deployment;
  readonly claims: Pick<ClaimStore, 'getByLabels'>;
  readonly publications: PublicationStore;
  readonly revokedKeys: Pick<RevokedKeys, 'among'>;
  readonly zone: Zone;
  readonly leases: ZoneLeases;
  readonly publishQueue: Queue<PublishRequest>;
  readonly revocationQueue: Queue<PublishRequest>;
  readonly insyncQueue: Queue<InsyncRequest>;
  /** A name that no other publisher has. */
  readonly newName: () => string;
  /** Returns true if waiting helps against an error of the ports. */
  readonly isOutage: (error: unknown) => boolean;
  readonly log: (event: PublisherEvent) => void;
}

/**
 * The outcomes that a pass logs for the operator.
 *
 * - `published`: Route 53 accepted a batch.
 * - `parked`: Route 53 refuses a claim's records, or they cannot be made; the claim waits.
 * - `waiting`: the zone, a table or a queue would not go on; tried again after a pause.
 * - `put-off`: the pass ran out of time; the labels are queued again.
 * - `late`: deferred for over 15 minutes in all.
 * - `revocation-late`: a pass over revoked keys that ended over a minute after the first of them was
 *   revoked; `waiting` of its claims are still to be published.
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
  | {
      readonly kind: 'revocation-late';
      readonly shard: ShardName;
      readonly waiting: number;
      readonly seconds: number;
    }
  | { readonly kind: 'no-claim'; readonly shard: ShardName; readonly label: Label }
  | { readonly kind: 'failed'; readonly shard?: ShardName; readonly error: unknown };
