import type { ClaimKey } from '#shared/core/model/claim.ts';
import type {
  DomainName,
  Label,
  MessageId,
  ShardName,
  TenantId,
} from '#shared/core/model/names.ts';
import { slicesOf } from '#shared/core/slices.ts';

/** Claims of one shard whose hosted records may have changed (FIFO, the shard is the message group). */
export interface PublishRequest {
  readonly shard: ShardName;
  /** At most `LABELS_PER_REQUEST`. */
  readonly labels: readonly Label[];
  /** When a publisher first put these off because the zone would not take them, ISO 8601. */
  readonly putOffSince?: string;
}

/** Bounds a message to a few KB and one pass of a publisher to a few batches. */
export const LABELS_PER_REQUEST = 200;

/** Spreads labels of one shard, each once, over as few requests as the bound allows. */
export function publishRequests(
  shard: ShardName,
  labels: Iterable<Label>,
  deferredSince?: string,
): PublishRequest[] {
  const distinct = [...new Set(labels)].toSorted();
  return slicesOf(distinct, LABELS_PER_REQUEST).map((part) => ({
    shard,
    labels: part,
    ...(deferredSince === undefined ? {} : { putOffSince: deferredSince }),
  }));
}

/** A Route 53 change to be polled until it is INSYNC. */
export interface InsyncRequest {
  readonly shard: ShardName;
  readonly labels: readonly Label[];
  readonly changeId: string;
  readonly submittedAt: string;
}

/** A domain whose SES identity must be made, polled, or removed if no claim is left (FIFO, one group). */
export interface IdentityRequest {
  readonly domain: DomainName;
  /** Domains of the same kind, at most 9, so that ten messages fill one call of SES, which takes 100. */
  readonly others?: readonly DomainName[];
}

export interface CheckRequest extends ClaimKey {
  readonly label: Label;
}

/** A submitted mail to be signed and sent. */
export interface OutboundRequest {
  readonly tenant: TenantId;
  readonly id: MessageId;
}

/** A queue of one kind of request. */
export interface Queue<Request> {
  /**
   * Sends all of them, or throws; what was sent before may then come twice.
   *
   * @param delaySeconds 0 to 900; not on FIFO queues
   * @param group the message group; required on FIFO queues, and only there
   * @param deduplicationId on FIFO queues, the id of which a second message within 5 minutes is
   *   dropped; a fresh one by default, so that no two sends are ever taken for one
   */
  send(requests: readonly Request[], options?: SendOptions<Request>): Promise<void>;
}

export interface SendOptions<Request> {
  readonly delaySeconds?: number;
  readonly group?: (request: Request) => string;
  readonly deduplicationId?: (request: Request) => string;
}
