import { createCipheriv, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyAlgorithm, KeyContext } from '#shared/core/model/key-ring.ts';
import type { KeyForge } from '#shared/app/ports/key-vault.ts';

/** The key that wraps in memory: forge and vault that share one belong together. */
export type MemoryWrappingKey = Buffer;

export const newWrappingKey = (): MemoryWrappingKey => randomBytes(32);

/** A wrapped key is bound to its context, in any order of the context's fields. */
export const boundTo = (context: KeyContext): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));

/** Key pairs made in memory, the private half wrapped by AES-GCM with the context as bound data. */
export class MemoryKeyForge implements KeyForge {
  readonly #wrappingKey: MemoryWrappingKey;

  constructor(wrappingKey: MemoryWrappingKey) {
    this.#wrappingKey = wrappingKey;
  }

  async generate(
    algorithm: KeyAlgorithm,
    context: KeyContext,
  ): Promise<{ publicKeySpki: Buffer; wrappedPrivateKey: Buffer }> {
    const { publicKey, privateKey } =
      algorithm === 'rsa-sha256'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ed25519');
    const plaintext = privateKey.export({ format: 'der', type: 'pkcs8' });
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#wrappingKey, iv).setAAD(boundTo(context));
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return {
      publicKeySpki: publicKey.export({ format: 'der', type: 'spki' }),
      wrappedPrivateKey: Buffer.concat([iv, cipher.getAuthTag(), sealed]),
    };
  }
}
