import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { Claim, ClaimKey } from '#shared/core/model/claim.ts';
import type { Message } from '#shared/core/model/message.ts';
import type {
  DomainName,
  Label,
  MessageId,
  ShardName,
  TenantId,
  PlatformId,
} from '#shared/core/model/names.ts';
import { slicesOf } from '#shared/core/slices.ts';

/** Claims of one shard whose hosted records may have changed (FIFO, the shard is the message group). */
export interface PublishRequest {
  readonly shard: ShardName;
  /** At most `LABELS_PER_REQUEST`. */
  readonly labels: readonly Label[];
  /** When a publisher first put these off because the zone would not take them, ISO 8601. */
  readonly putOffSince?: string;
  /**
   * When a key of these claims was revoked, ISO 8601; the first of them. Such requests have a queue
   * of their own (a standard one), and overtake the others of their zone.
   */
  readonly revokedAt?: string;
}

/** Bounds a message to a few KB and one pass of a publisher to a few batches. */
export const LABELS_PER_REQUEST = 200;

/** Spreads labels of one shard, each once, over as few requests as the bound allows. */
export function publishRequests(
  shard: ShardName,
  labels: Iterable<Label>,
  { putOffSince, revokedAt }: Pick<PublishRequest, 'putOffSince' | 'revokedAt'> = {},
): PublishRequest[] {
  const distinct = [...new Set(labels)].toSorted();
  return slicesOf(distinct, LABELS_PER_REQUEST).map((part) => ({
    shard,
    labels: part,
    ...(putOffSince === undefined ? {} : { putOffSince }),
    ...(revokedAt === undefined ? {} : { revokedAt }),
  }));
}

/** A Route 53 change to be polled until it is INSYNC. */
export interface InsyncRequest {
  readonly shard: ShardName;
  readonly labels: readonly Label[];
  readonly changeId: string;
  readonly submittedAt: string;
  /** When a key was revoked that this change takes out of DNS, ISO 8601. */
  readonly revokedAt?: string;
}

/**
 * A turn of a claim at SES: its domain's identity must be made, polled, or removed if no claim is
 * left. The tenant is the message group.
 */
export interface IdentityRequest {
  readonly domain: DomainName;
  /** The claim whose turn it is; absent where the service itself asks about a domain. */
  readonly claim?: Pick<Claim, 'tenant' | 'label'>;
  /** True if the check that asks saw SES's record in the customer's DNS. */
  readonly recordSeen?: boolean;
  /** How often it failed. */
  readonly tries?: number;
  /** Further domains; only in messages of releases up to 0.2. */
  readonly others?: readonly DomainName[];
}

/** A claim to be checked. */
export interface CheckRequest extends ClaimKey {
  readonly label: Label;
  /** The check must begin at this time or later, ISO 8601; absent: one that is under way will do. */
  readonly since?: string;
}

/** A claim whose zone may have to be made, changed or given up. */
export interface DelegationRequest extends ClaimKey {
  readonly label: Label;
  /** A change of its zone that is to be INSYNC before the work goes on. */
  readonly awaits?: string;
}

/** A stored mail to be signed and sent. The tenant is the message group of the queue. */
export interface OutboundRequest {
  readonly tenant: TenantId;
  readonly id: MessageId;
}

/**
 * A submitted mail to be signed and sent, with all that was accepted: nothing else need have it. Its
 * fields are not those of `OutboundRequest`, so that a signer of release 0.2 hands it back.
 */
export interface CarriedMailRequest {
  readonly carried: {
    readonly message: Message;
    /** In order, those of `suppressed` among them. */
    readonly recipients: readonly string[];
    readonly suppressed: readonly string[];
    /** RFC 5322, in base64. */
    readonly mail: string;
  };
}

/** The message group of mail, so that SQS shares the queue out between tenants. */
export const byTenant = {
  group: (request: OutboundRequest | CarriedMailRequest): TenantId =>
    'carried' in request ? request.carried.message.tenant : request.tenant,
};

/** An event for one endpoint of its tenant. */
export interface DeliveryRequest {
  readonly webhook: string;
  readonly event: ServiceEvent;
  /** How often it was deferred because its tenant had no time left; absent means never. */
  readonly deferrals?: number;
  /** Since when it waits for an endpoint that fails, ISO 8601; absent means that it never did. */
  readonly waitsSince?: string;
  /** The request that has it sent again; absent for the first time. */
  readonly replay?: string;
  /** The platform whose endpoint it is; absent: the tenant's of the event. */
  readonly owner?: PlatformId;
}

/** A batch of events whose notices are to be mailed. */
export interface NoticeRequest {
  readonly tenant: TenantId;
  /** The id of the event that it began with. */
  readonly batch: string;
}

/** A queue of one kind of request. */
export interface Queue<Request> {
  /**
   * Sends all of them, or throws; what was sent before may then come twice.
   *
   * @param delaySeconds 0 to 900; not on FIFO queues
   * @param group the message group: required on FIFO queues, which keep its order; on standard
   *   queues the tenant, whose many messages then do not hold up others
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
