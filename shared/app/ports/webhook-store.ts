import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { EventType } from '#shared/core/model/events/kinds.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { Delivery } from '#shared/core/model/delivery.ts';

/** A tenant's endpoint. */
export interface Webhook {
  /** `wh_` and 26 characters of lower-case base32. */
  readonly id: string;
  readonly tenant: TenantId;
  readonly url: string;
  /** The events that it gets. */
  readonly events: readonly EventType[];
  /** The secret that signs its requests; shown to the tenant once. */
  readonly secret: string;
  readonly createdAt: string;
}

/** The delivery of one event to one endpoint, as the log keeps it. */
export interface DeliveryRecord extends Delivery {
  readonly webhook: string;
  readonly event: ServiceEvent;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
}

/** Endpoints and the log of what was delivered to them; the log expires after `DELIVERY_DAYS`. */
export interface WebhookStore {
  add(webhook: Webhook): Promise<void>;
  /** Strongly consistent. */
  of(tenant: TenantId): Promise<Webhook[]>;
  /** Strongly consistent. */
  get(tenant: TenantId, id: string): Promise<Webhook | undefined>;
  remove(tenant: TenantId, id: string): Promise<void>;
  /** The delivery of an event to a webhook, made pending where there is none yet. */
  begin(webhook: string, event: ServiceEvent): Promise<DeliveryRecord>;
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
