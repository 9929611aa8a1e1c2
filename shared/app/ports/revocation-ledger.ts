import type { KeyId } from '#shared/core/model/names.ts';

/** A key that must never sign or be published again. */
export interface Revocation {
  readonly keyId: KeyId;
  /** ISO 8601, in UTC. */
  readonly revokedAt: string;
}

/** Revocations where no restore of the tables reaches: nothing in it can be changed or removed. */
export interface RevocationLedger {
  /** Takes one that it has already. */
  add(revocation: Revocation): Promise<void>;
  /**
   * The revocations from a time on, in the order of time.
   *
   * @param from ISO 8601; absent: all
   */
  since(from?: string): AsyncIterable<Revocation>;
}
