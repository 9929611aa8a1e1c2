import type { KeyObject } from 'node:crypto';
import type { KeyAlgorithm, KeyContext } from '#shared/core/model/key-ring.ts';
import type { Revocation } from './revocation-ledger.ts';

/**
 * Makes key pairs whose private half the service never sees: `GenerateDataKeyPairWithoutPlaintext`.
 */
export interface KeyForge {
  /**
   * @returns the public key as DER SPKI and the wrapped private key
   * @throws Throttled
   */
  generate(
    algorithm: KeyAlgorithm,
    context: KeyContext,
  ): Promise<{ publicKeySpki: Buffer; wrappedPrivateKey: Buffer }>;
}

/** Unwraps private keys; only the signer's role may, and the disclosure function's where there is one. */
export interface KeyVault {
  /**
   * @throws Throttled also while KMS is out or the wrapping key is disabled: nothing was done, wait
   * @throws Undecipherable where it was not wrapped with this context, or is damaged
   */
  unwrap(wrappedPrivateKey: Buffer, context: KeyContext): Promise<KeyObject>;
}

/**
 * A wrapped key that cannot be unwrapped: not with this context, or not any more. Waiting does not
 * help.
 */
export class Undecipherable extends Error {
  constructor(keyId: string, options?: ErrorOptions) {
    super(`the wrapped key ${keyId} cannot be unwrapped with its context`, options);
    this.name = 'Undecipherable';
  }
}

/** Key ids that must never sign or be published again, append-only, so that a restored backup revives none. */
export interface RevokedKeys {
  /** Returns the revoked ones of these ids; strongly consistent. */
  among(ids: readonly string[]): Promise<Set<string>>;
  add(id: string, at: string): Promise<void>;
}

/** The same, for what compares all of them. */
export interface RevokedKeyList {
  /** All of them, in no order. */
  all(): AsyncIterable<Revocation>;
}
