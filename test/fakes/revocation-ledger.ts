import type { Revocation, RevocationLedger } from '#shared/app/ports/revocation-ledger.ts';

/** A revocation ledger in memory. */
export class MemoryRevocationLedger implements RevocationLedger {
  readonly #revocations = new Map<string, Revocation>();
  /** Each error is thrown by one call, in order. */
  readonly failing: Error[] = [];
  /** The calls of `since` so far. */
  reads = 0;

  async add(revocation: Revocation): Promise<void> {
    const error = this.failing.shift();
    if (error !== undefined) throw error;
    const { keyId, revokedAt } = revocation;
    this.#revocations.set(`${revokedAt} ${keyId}`, { keyId, revokedAt });
  }

  async *since(from = ''): AsyncIterable<Revocation> {
    this.reads += 1;
    const error = this.failing.shift();
    if (error !== undefined) throw error;
    const all = [...this.#revocations.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [, revocation] of all) if (revocation.revokedAt >= from) yield revocation;
  }
}
