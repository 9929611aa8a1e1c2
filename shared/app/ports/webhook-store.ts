import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { EventType } from '#shared/core/model/events/kinds.ts';
import { isPlatformId, type PlatformId, type TenantId } from '#shared/core/model/names.ts';
import type { Delivery } from '#shared/core/model/delivery.ts';
import type { DeliveryRequest } from './queues.ts';
import type { EndpointFailures, SwitchedOff } from '#shared/core/model/endpoint-health.ts';

/** Whose events an endpoint gets: a tenant's, or those of all tenants that a platform made. */
export type WebhookOwner = TenantId | PlatformId;

/** A tenant as the platform that made it knows it. */
export interface TenantPlatform {
  readonly platform: PlatformId;
  readonly externalId: string;
}

/** An endpoint of a tenant or a platform. */
export interface Webhook {
  /** `wh_` and 26 characters of lower-case base32. */
  readonly id: string;
  /** Its owner, which may be a platform. */
  readonly tenant: WebhookOwner;
  readonly url: string;
  /** The events that it gets. */
  readonly events: readonly EventType[];
  /** Signs its requests; shown to the tenant once. */
  readonly secret: KeptSecret;
  /** Secrets that it had before, which sign beside it for a while; the newest first. */
  readonly previousSecrets?: readonly PreviousSecret[];
  readonly createdAt: string;
  /** Absent where the last attempt was taken. */
  readonly failing?: EndpointFailures;
  /** Absent while it is on. */
  readonly off?: SwitchedOff;
  /** Grows by one with every change; absent where there was none. */
  readonly revision?: number;
}

/** The field of a request for a delivery that names the owner of a platform's endpoint. */
export const ownedBy = ({ tenant }: Pick<Webhook, 'tenant'>): { readonly owner?: PlatformId } =>
  isPlatformId(tenant) ? { owner: tenant } : {};

/** SQS shares the queue out between the owners of endpoints. */
export const toOwner = {
  group: ({ event, owner }: Pick<DeliveryRequest, 'event' | 'owner'>): string =>
    owner ?? event.tenant,
};

/** Sealed; a text where a release stored it that sealed none. */
export type KeptSecret = Uint8Array | string;

export interface PreviousSecret {
  readonly secret: KeptSecret;
  /** It signs until then, ISO 8601. */
  readonly until: string;
}

/** What may change of a webhook; undefined takes a field away. */
export type WebhookChange = {
  readonly [Field in 'url' | 'events' | 'secret' | 'previousSecrets' | 'failing' | 'off']?:
    | Webhook[Field]
    | undefined;
};

/** The delivery of one event to one endpoint, as the log keeps it. */
export interface DeliveryRecord extends Delivery {
  readonly webhook: string;
  readonly event: ServiceEvent;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
}

/** Endpoints and the log of what was delivered to them; the log expires after `DELIVERY_DAYS`. */
export interface WebhookStore {
  /** @returns false, with nothing written, where the tenant has `most` */
  add(webhook: Webhook, most: number): Promise<boolean>;
  /**
   * Changes a webhook that is as it was read.
   *
   * @throws Conflict
   */
  change(webhook: Webhook, change: WebhookChange): Promise<Webhook>;
  /** Strongly consistent. */
  of(tenant: WebhookOwner): Promise<Webhook[]>;
  /** The types of events that any of a tenant's endpoints gets; a change shows within a second or so. */
  wantedTypes(tenant: WebhookOwner): Promise<ReadonlySet<EventType>>;
  /** Strongly consistent. */
  /**
   * The webhooks that get the events of a tenant: its own, and those of the platform that made it.
   * Strongly consistent.
   */
  receiving(tenant: WebhookOwner): Promise<Webhook[]>;
  /** The platform that made a tenant, and its external id there; undefined where none did. */
  platformOf(tenant: WebhookOwner): Promise<TenantPlatform | undefined>;
  get(tenant: WebhookOwner, id: string): Promise<Webhook | undefined>;
  remove(tenant: WebhookOwner, id: string): Promise<void>;
  /** The delivery of an event to a webhook, made with this state where there is none yet. */
  begin(
    webhook: string,
    event: ServiceEvent,
    state?: 'pending' | 'missed',
  ): Promise<DeliveryRecord>;
  /** One delivery, by the event's id and time; strongly consistent. */
  delivery(
    webhook: string,
    event: Pick<ServiceEvent, 'id' | 'at'>,
  ): Promise<DeliveryRecord | undefined>;
  /**
   * The deliveries of events of a time, the oldest first.
   *
   * @param range `from` included, `to` not, ISO 8601
   * @throws Refusal `invalid-cursor`
   */
  deliveriesBetween(
    webhook: string,
    range: { from: string; to: string },
    page: { cursor?: string; limit: number },
  ): Promise<{ deliveries: DeliveryRecord[]; cursor: string | undefined }>;
  /**
   * Writes where the stored revision is still `record.revision - 1`.
   *
   * @throws Conflict
   */
  put(record: DeliveryRecord): Promise<void>;
  /** The newest events first. @throws Refusal `invalid-cursor` */
  deliveries(
    webhook: string,
    page: { cursor?: string; limit: number },
  ): Promise<{ deliveries: DeliveryRecord[]; cursor: string | undefined }>;
}

export const DELIVERY_DAYS = 30;
