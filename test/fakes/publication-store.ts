import { Conflict } from '#shared/core/model/errors.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import type { Publication, PublicationStore } from '#shared/app/ports/publication-store.ts';

const PAGE = 100;

/** Publications in memory. */
export class MemoryPublicationStore implements PublicationStore {
  readonly items = new Map<string, Publication>();
  /** Called before each write; a test lets another writer in between, or throws. */
  beforePut: (publication: Publication) => void | Promise<void> = () => {};

  async get(shard: ShardName, labels: readonly Label[]): Promise<Map<Label, Publication>> {
    const found = labels.flatMap((label) => this.items.get(keyOf({ shard, label })) ?? []);
    return new Map(found.map((publication) => [publication.label, publication]));
  }

  async put(publication: Publication): Promise<void> {
    await this.beforePut(publication);
    const stored = this.items.get(keyOf(publication))?.revision ?? 0;
    if (stored !== publication.revision - 1) {
      throw new Conflict(`the publication of ${publication.label}`);
    }
    this.items.set(keyOf(publication), structuredClone(publication));
  }

  async list(
    shard: ShardName,
    cursor?: string,
  ): Promise<{ publications: Publication[]; cursor: string | undefined }> {
    const rest = [...this.items.values()]
      .filter((item) => item.shard === shard && (cursor === undefined || item.label > cursor))
      .toSorted((a, b) => (a.label < b.label ? -1 : 1));
    const publications = rest.slice(0, PAGE);
    return { publications, cursor: rest.length > PAGE ? publications.at(-1)?.label : undefined };
  }

  async labels(
    shard: ShardName,
    after?: Label,
  ): Promise<{ labels: Label[]; cursor: Label | undefined }> {
    const { publications, cursor } = await this.list(shard, after);
    return { labels: publications.map(({ label }) => label), cursor: cursor as Label | undefined };
  }
}

const keyOf = ({ shard, label }: { shard: ShardName; label: Label }) => `${shard} ${label}`;
