import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { DeliveryRecord, Webhook, WebhookStore } from '#shared/app/ports/webhook-store.ts';

export class MemoryWebhookStore implements WebhookStore {
  readonly #webhooks = new Map<string, Webhook>();
  readonly #records = new Map<string, DeliveryRecord>();

  async add(webhook: Webhook): Promise<void> {
    this.#webhooks.set(`${webhook.tenant} ${webhook.id}`, webhook);
  }

  async of(tenant: TenantId): Promise<Webhook[]> {
    return [...this.#webhooks.values()]
      .filter((webhook) => webhook.tenant === tenant)
      .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  async get(tenant: TenantId, id: string): Promise<Webhook | undefined> {
    return this.#webhooks.get(`${tenant} ${id}`);
  }

  async remove(tenant: TenantId, id: string): Promise<void> {
    this.#webhooks.delete(`${tenant} ${id}`);
  }

  async begin(webhook: string, event: ServiceEvent): Promise<DeliveryRecord> {
    const key = keyOf(webhook, event);
    const record = this.#records.get(key) ?? {
      webhook,
      event,
      revision: 1,
      state: 'pending',
      attempts: [],
    };
    this.#records.set(key, record);
    return record;
  }

  async put(record: DeliveryRecord): Promise<void> {
    const key = keyOf(record.webhook, record.event);
    if (this.#records.get(key)?.revision !== record.revision - 1) throw new Conflict(key);
    this.#records.set(key, record);
  }

  async deliveries(
    webhook: string,
    { cursor, limit }: { cursor?: string; limit: number },
  ): ReturnType<WebhookStore['deliveries']> {
    const keys = [...this.#records.keys()]
      .filter((key) => key.startsWith(`${webhook} `))
      .toSorted()
      .toReversed();
    const after = cursor === undefined ? -1 : keys.indexOf(cursor);
    if (cursor !== undefined && after < 0) throw new Refusal('invalid-cursor', 'no such cursor');
    const page = keys.slice(after + 1, after + 1 + limit);
    const more = after + 1 + limit < keys.length;
    return {
      deliveries: page.map((key) => this.#records.get(key)!),
      cursor: more ? page.at(-1) : undefined,
    };
  }
}

const keyOf = (webhook: string, { at, id }: ServiceEvent): string => `${webhook} ${at} ${id}`;
