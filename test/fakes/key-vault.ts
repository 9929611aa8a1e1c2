import { createDecipheriv, createPrivateKey, type DecipherGCM, type KeyObject } from 'node:crypto';
import type { KeyContext } from '#shared/core/model/key-ring.ts';
import { Undecipherable, type KeyVault } from '#shared/app/ports/key-vault.ts';
import { boundTo, type MemoryWrappingKey } from './key-forge.ts';

function finish(decipher: DecipherGCM, wrapped: Buffer, { keyId }: KeyContext): Buffer {
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(28)), decipher.final()]);
  } catch (error) {
    throw new Undecipherable(keyId, { cause: error });
  }
}

/** Unwraps in memory what a `MemoryKeyForge` of the same wrapping key made. */
export class MemoryKeyVault implements KeyVault {
  /** Number of calls that unwrapped a key. */
  unwraps = 0;
  /** Errors that the next calls fail with, one each. */
  readonly failing: Error[] = [];
  readonly #wrappingKey: MemoryWrappingKey;

  constructor(wrappingKey: MemoryWrappingKey) {
    this.#wrappingKey = wrappingKey;
  }

  async unwrap(wrapped: Buffer, context: KeyContext): Promise<KeyObject> {
    this.unwraps += 1;
    const failure = this.failing.shift();
    if (failure !== undefined) throw failure;
    const decipher = createDecipheriv('aes-256-gcm', this.#wrappingKey, wrapped.subarray(0, 12))
      .setAAD(boundTo(context))
      .setAuthTag(wrapped.subarray(12, 28));
    return createPrivateKey({
      key: finish(decipher, wrapped, context),
      format: 'der',
      type: 'pkcs8',
    });
  }
}
