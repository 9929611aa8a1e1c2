import type { GatheredEvent, NoticeStore } from '#shared/app/ports/notice-store.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import {
  isOverdue,
  noNotices,
  type NoticeBatch,
  type NoticeSettings,
} from '#shared/core/model/notice.ts';

/** Notices in memory, by the rules of the port. */
export class MemoryNoticeStore implements NoticeStore {
  readonly #settings = new Map<TenantId, NoticeSettings>();
  readonly #last = new Map<TenantId, NoticeBatch>();
  readonly #gathered = new Map<
    TenantId,
    { readonly batch: string; readonly event: ServiceEvent }[]
  >();

  async settings(tenant: TenantId): Promise<NoticeSettings> {
    return this.#settings.get(tenant) ?? noNotices;
  }

  async change(tenant: TenantId, before: NoticeSettings, next: NoticeSettings): Promise<void> {
    if ((this.#settings.get(tenant) ?? noNotices).revision !== before.revision) {
      throw new Conflict(`the notices of ${tenant}`);
    }
    this.#settings.set(tenant, structuredClone(next));
  }

  async gather(event: ServiceEvent, now: Date): Promise<GatheredEvent> {
    const { tenant, id } = event;
    const gathered = this.#gathered.get(tenant) ?? [];
    const known = gathered.find((one) => one.event.id === id);
    if (known !== undefined) return { batch: known.batch };
    const last = this.#last.get(tenant);
    const batch = last?.open === true ? last.id : id;
    this.#gathered.set(tenant, [...gathered, { batch, event: structuredClone(event) }]);
    if (last?.open === true) return { batch, ...(isOverdue(last, now) && { overdue: true }) };
    this.#last.set(tenant, { id, open: true, since: now.toISOString() });
    return { batch, ...(last === undefined ? {} : { before: last }) };
  }

  async close(tenant: TenantId, batch: string): Promise<ServiceEvent[]> {
    const last = this.#last.get(tenant);
    if (last?.id === batch) this.#last.set(tenant, { ...last, open: false });
    return (this.#gathered.get(tenant) ?? [])
      .filter((one) => one.batch === batch)
      .map(({ event }) => event)
      .toSorted((one, other) => (one.id < other.id ? -1 : 1));
  }
}
