import { Conflict } from '#shared/core/model/errors.ts';
import type { Label } from '#shared/core/model/names.ts';
import type { FlatteningItem, FlatteningStore } from '#shared/app/ports/flattening-store.ts';

export class MemoryFlatteningStore implements FlatteningStore {
  readonly #items = new Map<string, FlatteningItem>();

  async begin({
    now,
    ...of
  }: Parameters<FlatteningStore['begin']>[0]): ReturnType<FlatteningStore['begin']> {
    const item = { ...of, revision: 1, begunAt: now, dueAt: now };
    this.#items.set(keyOf(item.label, item.include), item);
  }

  async of(label: Label): Promise<FlatteningItem[]> {
    return [...this.#items.values()]
      .filter((item) => item.label === label)
      .toSorted((one, other) => (one.include < other.include ? -1 : 1));
  }

  async due(now: string, limit: number): Promise<FlatteningItem[]> {
    return [...this.#items.values()]
      .filter((item) => item.dueAt <= now)
      .toSorted((one, other) => (one.dueAt < other.dueAt ? -1 : 1))
      .slice(0, limit);
  }

  async put(item: FlatteningItem): Promise<void> {
    const key = keyOf(item.label, item.include);
    if (this.#items.get(key)?.revision !== item.revision - 1) throw new Conflict(item.include);
    this.#items.set(key, item);
  }

  async forget(label: Label, include: string): Promise<void> {
    this.#items.delete(keyOf(label, include));
  }
}

const keyOf = (label: Label, include: string): string => `${label} ${include}`;
