import type { Label } from '#shared/core/model/names.ts';
import type {
  BacklogItem,
  BacklogPage,
  RotationBacklog,
} from '#shared/app/ports/rotation-backlog.ts';

const PAGE = 1_000;

/** The backlog of the rotation in memory. */
export class MemoryRotationBacklog implements RotationBacklog {
  readonly items = new Map<Label, BacklogItem>();

  async get(labels: readonly Label[]): Promise<Map<Label, BacklogItem>> {
    const found = labels.flatMap((label) => this.items.get(label) ?? []);
    return new Map(found.map((item) => [item.label, item]));
  }

  async put(item: BacklogItem): Promise<void> {
    this.items.set(item.label, structuredClone(item));
  }

  async remove(label: Label): Promise<void> {
    this.items.delete(label);
  }

  async list(cursor?: Label): Promise<BacklogPage> {
    const rest = [...this.items.values()]
      .filter(({ label }) => cursor === undefined || label > cursor)
      .toSorted((a, b) => (a.label < b.label ? -1 : 1));
    const items = rest.slice(0, PAGE);
    return { items, cursor: rest.length > PAGE ? items.at(-1)?.label : undefined };
  }
}
