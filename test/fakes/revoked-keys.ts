import type { KeyId } from '#shared/core/model/names.ts';
import type { Revocation } from '#shared/app/ports/revocation-ledger.ts';
import type { RevokedKeyList, RevokedKeys } from '#shared/app/ports/key-vault.ts';

/** Revoked key ids in memory. */
export class MemoryRevokedKeys implements RevokedKeys, RevokedKeyList {
  readonly #revokedAt = new Map<string, string>();

  async among(ids: readonly string[]): Promise<Set<string>> {
    return new Set(ids.filter((id) => this.#revokedAt.has(id)));
  }

  async add(id: string, at: string): Promise<void> {
    if (!this.#revokedAt.has(id)) this.#revokedAt.set(id, at);
  }

  async *all(): AsyncIterable<Revocation> {
    for (const [keyId, revokedAt] of this.#revokedAt) yield { keyId: keyId as KeyId, revokedAt };
  }
}
