import type { Import, ImportId, ImportPart } from '#shared/core/model/import.ts';
import type { PlatformId } from '#shared/core/model/names.ts';

/** Imports and their rows; both expire after `IMPORT_DAYS`. */
export interface ImportStore {
  /** Stores the parts of an import that nobody knows yet. */
  putParts(parts: readonly ImportPart[]): Promise<void>;
  /**
   * Stores an import whose parts are there, under the request's key where it has one.
   *
   * @param request SHA-256 of the Idempotency-Key, hex
   * @returns the import; the one that the request made before, where there is one
   */
  create(made: Import, request: string | undefined): Promise<Import>;
  /** The import that a request with this Idempotency-Key made. */
  ofRequest(platform: PlatformId, request: string): Promise<ImportId | undefined>;
  /** Strongly consistent. */
  get(platform: PlatformId, id: ImportId): Promise<Import | undefined>;
  /** Newest first. @throws Refusal `invalid-cursor` */
  list(
    platform: PlatformId,
    page: { cursor?: string; limit: number },
  ): Promise<{ imports: Import[]; cursor: string | undefined }>;
  /** Strongly consistent. */
  part(id: ImportId, part: number): Promise<ImportPart | undefined>;
  /**
   * Writes a part and its import in one transaction, where both are still what was read.
   *
   * @throws Conflict
   */
  advance(
    before: { readonly head: Import; readonly part: ImportPart },
    next: { readonly head: Import; readonly part: ImportPart },
  ): Promise<void>;
  /** Cancels an import that runs. @throws Conflict where it does not */
  cancel(head: Import, at: string): Promise<void>;
}
