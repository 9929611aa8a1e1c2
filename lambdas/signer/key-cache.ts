import type { KeyObject } from 'node:crypto';
import type { Claim } from '#shared/domain/claim.ts';
import type { RingKey } from '#shared/domain/key-ring.ts';
import type { KeyVault } from '#shared/ports/key-vault.ts';

/**
 * Unwrapped private keys by key id, the least recently used dropped first. Only key material is
 * kept: who may sign is read anew for every batch.
 */
export class KeyCache {
  readonly #vault: KeyVault;
  readonly #limit: number;
  readonly #keys = new Map<string, Promise<KeyObject>>();

  /** @param limit how many keys are kept; an RSA-2048 key takes a few KB */
  constructor(vault: KeyVault, limit = 1_000) {
    this.#vault = vault;
    this.#limit = limit;
  }

  /**
   * The private key of a claim's slot; asked for by several messages at once, it is unwrapped once.
   *
   * @throws Throttled
   */
  async get({ tenant, domain }: Claim, key: RingKey): Promise<KeyObject> {
    const kept = this.#keys.get(key.id);
    this.#keys.delete(key.id);
    const unwrapped =
      kept ??
      this.#vault.unwrap(Buffer.from(key.wrappedPrivateKey, 'base64'), {
        tenant,
        domain,
        selector: key.selector,
        keyId: key.id,
      });
    this.#keys.set(key.id, unwrapped);
    this.#dropOldest();
    try {
      return await unwrapped;
    } catch (error) {
      // A failure is not kept; the next message asks again.
      if (this.#keys.get(key.id) === unwrapped) this.#keys.delete(key.id);
      throw error;
    }
  }

  #dropOldest(): void {
    for (const id of this.#keys.keys()) {
      if (this.#keys.size <= this.#limit) return;
      this.#keys.delete(id);
    }
  }
}
