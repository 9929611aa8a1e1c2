import type { Deployment } from '#shared/core/model/deployment.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { RevokedKeyList, RevokedKeys } from '#shared/app/ports/key-vault.ts';
import type { PublicationStore } from '#shared/app/ports/publication-store.ts';
import type { PublishRequest, Queue } from '#shared/app/ports/queues.ts';
import type { Revocation, RevocationLedger } from '#shared/app/ports/revocation-ledger.ts';
import type { Zone } from '#shared/app/ports/zone.ts';
import type { RetryTime } from '#shared/async/retry.ts';

export interface ReconcilerPorts extends RetryTime {
  readonly deployment: Deployment;
  readonly claims: Pick<ClaimStore, 'scan' | 'getByLabels'>;
  readonly publications: PublicationStore;
  readonly revokedKeys: RevokedKeys & RevokedKeyList;
  readonly revocationLedger: RevocationLedger;
  readonly zone: Pick<Zone, 'list' | 'listLabel'>;
  readonly publishQueue: Queue<PublishRequest>;
  readonly log: (event: ReconcilerEvent) => void;
  /** Receives revocations that the table lacked. */
  readonly logRecovered: (recovered: readonly Revocation[]) => void;
}

/**
 * The outcomes that a run logs for the operator.
 *
 * - `drift`: a zone holds something else than we published; `records` are `name type`.
 * - `stale`: claims whose last change was not published within a minute.
 * - `enqueued`: claims queued to be published again, for any reason.
 * - `reconciled`: a shard was compared to its end.
 * - `unreached`: shards that were not, with the reason.
 */
export type ReconcilerEvent =
  | { readonly kind: 'drift'; readonly shard: ShardName; readonly records: readonly string[] }
  | { readonly kind: 'stale'; readonly shard: ShardName; readonly labels: readonly Label[] }
  | { readonly kind: 'enqueued'; readonly shard: ShardName; readonly labels: number }
  | { readonly kind: 'reconciled'; readonly shard: ShardName; readonly records: number }
  | {
      readonly kind: 'unreached';
      readonly shards: readonly ShardName[];
      readonly reason: unknown;
    };
