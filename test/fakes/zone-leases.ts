import type { ShardName } from '#shared/core/model/names.ts';
import type { ZoneLeaseRequest, ZoneLeases } from '#shared/app/ports/zone-leases.ts';

interface Item {
  heldBy?: string | undefined;
  heldUntil?: number | undefined;
  requestedUntil?: number | undefined;
}

/** Leases of zones in memory. */
export class MemoryZoneLeases implements ZoneLeases {
  readonly items = new Map<ShardName, Item>();

  async take(shard: ShardName, { by, now, until, urgent }: ZoneLeaseRequest): Promise<boolean> {
    const item = this.#item(shard);
    if (item.heldBy !== by && (item.heldUntil ?? 0) > now) return false;
    if (!urgent && (item.requestedUntil ?? 0) > now) return false;
    item.heldBy = by;
    item.heldUntil = until;
    if (urgent) item.requestedUntil = undefined;
    return true;
  }

  async request(shard: ShardName, until: number): Promise<void> {
    this.#item(shard).requestedUntil = until;
  }

  async release(shard: ShardName, by: string): Promise<void> {
    const item = this.#item(shard);
    if (item.heldBy !== by) return;
    item.heldBy = undefined;
    item.heldUntil = undefined;
  }

  #item(shard: ShardName): Item {
    const item = this.items.get(shard) ?? {};
    this.items.set(shard, item);
    return item;
  }
}
