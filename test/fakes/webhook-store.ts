import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type {
  DeliveryRecord,
  Webhook,
  WebhookChange,
  WebhookStore,
  TenantPlatform,
  WebhookOwner,
} from '#shared/app/ports/webhook-store.ts';

export class MemoryWebhookStore implements WebhookStore {
  readonly #webhooks = new Map<string, Webhook>();
  readonly #records = new Map<string, DeliveryRecord>();

  async add(webhook: Webhook, most = Infinity): Promise<boolean> {
    const others = [...this.#webhooks.values()].filter(
      ({ tenant, id }) => tenant === webhook.tenant && id !== webhook.id,
    );
    if (others.length >= most) return false;
    this.#webhooks.set(`${webhook.tenant} ${webhook.id}`, webhook);
    return true;
  }

  async change(webhook: Webhook, change: WebhookChange): Promise<Webhook> {
    const key = `${webhook.tenant} ${webhook.id}`;
    const stored = this.#webhooks.get(key);
    if (stored === undefined || stored.revision !== webhook.revision) throw new Conflict(key);
    const changed = Object.fromEntries(
      Object.entries({ ...webhook, ...change, revision: (webhook.revision ?? 0) + 1 }).filter(
        ([, value]) => value !== undefined,
      ),
    ) as unknown as Webhook;
    this.#webhooks.set(key, changed);
    return changed;
  }

  async of(tenant: WebhookOwner): Promise<Webhook[]> {
    return [...this.#webhooks.values()]
      .filter((webhook) => webhook.tenant === tenant)
      .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** The platforms that made tenants. */
  readonly platforms = new Map<WebhookOwner, TenantPlatform>();

  async receiving(tenant: WebhookOwner): Promise<Webhook[]> {
    const made = this.platforms.get(tenant);
    const own = await this.of(tenant);
    return made === undefined ? own : [...own, ...(await this.of(made.platform))];
  }

  async platformOf(tenant: WebhookOwner): Promise<TenantPlatform | undefined> {
    return this.platforms.get(tenant);
  }

  async wantedTypes(tenant: WebhookOwner): ReturnType<WebhookStore['wantedTypes']> {
    return new Set((await this.receiving(tenant)).flatMap(({ events }) => events));
  }

  async get(tenant: WebhookOwner, id: string): Promise<Webhook | undefined> {
    return this.#webhooks.get(`${tenant} ${id}`);
  }

  async remove(tenant: WebhookOwner, id: string): Promise<void> {
    this.#webhooks.delete(`${tenant} ${id}`);
  }

  async begin(
    webhook: string,
    event: ServiceEvent,
    state: 'pending' | 'missed' = 'pending',
  ): Promise<DeliveryRecord> {
    const key = keyOf(webhook, event);
    const record = this.#records.get(key) ?? {
      webhook,
      event,
      revision: 1,
      state,
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

  async delivery(
    webhook: string,
    event: Pick<ServiceEvent, 'id' | 'at'>,
  ): Promise<DeliveryRecord | undefined> {
    return this.#records.get(keyOf(webhook, event));
  }

  async deliveriesBetween(
    webhook: string,
    { from, to }: { from: string; to: string },
    { cursor = '', limit }: { cursor?: string; limit: number },
  ): ReturnType<WebhookStore['deliveriesBetween']> {
    const keys = [...this.#records.keys()]
      .filter((key) => key >= `${webhook} ${from}` && key < `${webhook} ${to}` && key > cursor)
      .toSorted();
    const page = keys.slice(0, limit);
    return {
      deliveries: page.map((key) => this.#records.get(key)!),
      cursor: keys.length > limit ? page.at(-1) : undefined,
    };
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

const keyOf = (webhook: string, { at, id }: Pick<ServiceEvent, 'id' | 'at'>): string =>
  `${webhook} ${at} ${id}`;
