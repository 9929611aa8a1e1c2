import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Claim } from '#shared/core/model/claim.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';
import { Undecipherable, type KeyVault } from '#shared/app/ports/key-vault.ts';
import { UnusableKey } from './unusable-key.ts';

/**
 * Unwrapped private keys by key id, the least recently used dropped first. Only key material is
 * kept: the permission to sign is read again for every batch.
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
   * @throws UnusableKey where it cannot be unwrapped, or is not the one that is published
   */
  async get(claim: Claim, key: RingKey): Promise<KeyObject> {
    const kept = this.#keys.get(key.id);
    this.#keys.delete(key.id);
    const unwrapped = kept ?? this.#unwrap(claim, key);
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

  async #unwrap(claim: Claim, key: RingKey): Promise<KeyObject> {
    const { tenant, domain } = claim;
    const wrapped = Buffer.from(key.wrappedPrivateKey, 'base64');
    const context = { tenant, domain, selector: key.selector, keyId: key.id };
    let unwrapped: KeyObject;
    try {
      unwrapped = await this.#vault.unwrap(wrapped, context);
    } catch (error) {
      if (!(error instanceof Undecipherable)) throw error;
      throw new UnusableKey(claim, key, error.message, { cause: error });
    }
    if (publicHalf(unwrapped) === key.publicKey) return unwrapped;
    throw new UnusableKey(claim, key, 'its public half is not the one that is published');
  }

  #dropOldest(): void {
    for (const id of this.#keys.keys()) {
      if (this.#keys.size <= this.#limit) return;
      this.#keys.delete(id);
    }
  }
}

/** SubjectPublicKeyInfo of Ed25519 (RFC 8410 §4) is a prefix of so many octets before the key's own. */
const ED25519_PREFIX = 12;

/** The public half of a key as the `p=` of its record. */
function publicHalf(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const isEd25519 = privateKey.asymmetricKeyType === 'ed25519';
  return (isEd25519 ? spki.subarray(ED25519_PREFIX) : spki).toString('base64');
}
