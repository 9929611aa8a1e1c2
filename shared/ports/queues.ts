import type { ClaimKey } from '../domain/claim.ts';
import type { DomainName, Label, MessageId, ShardName, TenantId } from '../domain/names.ts';

/** Claims of one shard whose hosted records may have changed (FIFO, the shard is the message group). */
export interface PublishRequest {
  readonly shard: ShardName;
  readonly labels: readonly Label[];
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
   * @param group the message group on FIFO queues
   */
  send(
    requests: readonly Request[],
    options?: { delaySeconds?: number; group?: (request: Request) => string },
  ): Promise<void>;
}
