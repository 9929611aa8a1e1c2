import type { ImportStore } from '#shared/app/ports/import-store.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { Import, ImportId, ImportPart } from '#shared/core/model/import.ts';
import type { PlatformId } from '#shared/core/model/names.ts';

/** Imports in memory, by the rules of the port. */
export class MemoryImportStore implements ImportStore {
  readonly #heads = new Map<ImportId, Import>();
  readonly #parts = new Map<string, ImportPart>();
  readonly #requests = new Map<string, ImportId>();

  async putParts(parts: readonly ImportPart[]): Promise<void> {
    for (const part of parts) this.#parts.set(`${part.import} ${part.part}`, part);
  }

  async create(made: Import, request: string | undefined): Promise<Import> {
    const place = `${made.platform} ${request ?? ''}`;
    const known = request === undefined ? undefined : this.#requests.get(place);
    if (known !== undefined) return this.#heads.get(known) as Import;
    if (this.#heads.has(made.id)) throw new Conflict(`the import ${made.id}`);
    this.#heads.set(made.id, made);
    if (request !== undefined) this.#requests.set(place, made.id);
    return made;
  }

  async ofRequest(platform: PlatformId, request: string): Promise<ImportId | undefined> {
    return this.#requests.get(`${platform} ${request}`);
  }

  async get(platform: PlatformId, id: ImportId): Promise<Import | undefined> {
    const head = this.#heads.get(id);
    return head?.platform === platform ? head : undefined;
  }

  async list(
    platform: PlatformId,
    { cursor, limit }: { cursor?: string; limit: number },
  ): Promise<{ imports: Import[]; cursor: string | undefined }> {
    const all = [...this.#heads.values()]
      .filter((head) => head.platform === platform)
      .toSorted((one, other) => (one.id < other.id ? 1 : -1))
      .filter(({ id }) => cursor === undefined || id < cursor);
    const imports = all.slice(0, limit);
    return { imports, cursor: all.length > limit ? imports.at(-1)?.id : undefined };
  }

  async part(id: ImportId, part: number): Promise<ImportPart | undefined> {
    return this.#parts.get(`${id} ${part}`);
  }

  async advance(
    before: { readonly head: Import; readonly part: ImportPart },
    next: { readonly head: Import; readonly part: ImportPart },
  ): Promise<void> {
    const { id } = before.head;
    const head = this.#heads.get(id);
    const part = this.#parts.get(`${id} ${before.part.part}`);
    const isSame =
      head?.status === 'running' &&
      head.part === before.head.part &&
      JSON.stringify(head.counts) === JSON.stringify(before.head.counts) &&
      part?.version === before.part.version;
    if (!isSame) throw new Conflict(`the import ${id}`);
    this.#heads.set(id, next.head);
    this.#parts.set(`${id} ${next.part.part}`, next.part);
  }

  async cancel({ id }: Import, at: string): Promise<void> {
    const head = this.#heads.get(id);
    if (head?.status !== 'running') throw new Conflict(`the import ${id}`);
    this.#heads.set(id, { ...head, status: 'cancelled', finishedAt: at });
  }
}
