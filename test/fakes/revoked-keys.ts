import type { RevokedKeys } from '#shared/app/ports/key-vault.ts';

/** Revoked key ids in memory. */
export class MemoryRevokedKeys implements RevokedKeys {
  readonly #revokedAt = new Map<string, string>();

  async among(ids: readonly string[]): Promise<Set<string>> {
    return new Set(ids.filter((id) => this.#revokedAt.has(id)));
  }

  async add(id: string, at: string): Promise<void> {
    if (!this.#revokedAt.has(id)) this.#revokedAt.set(id, at);
  }
}
