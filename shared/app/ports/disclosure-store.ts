import type { Claim } from '#shared/core/model/claim.ts';
import type { DisclosedKey, WaitingKey } from '#shared/core/model/disclosure.ts';
import type { Label } from '#shared/core/model/names.ts';

/**
 * Private halves of keys that have left their ring: those that wait, wrapped, to be published, and
 * those that are. `ClaimStore.changeKeys` puts them there with the very write that retires the key.
 */
export interface DisclosureStore {
  /**
   * Keys that are due by now, the longest due first, strongly consistent.
   *
   * @param now ISO 8601
   */
  due(
    now: string,
    page: { readonly cursor?: string; readonly limit: number },
  ): Promise<{ readonly keys: readonly WaitingKey[]; readonly cursor: string | undefined }>;

  /** Those of a label, strongly consistent. */
  of(label: Label): Promise<{
    readonly waiting: readonly WaitingKey[];
    readonly disclosed: readonly DisclosedKey[];
  }>;

  /** Writes a waiting key where the stored revision is the one before. @throws Conflict */
  put(key: WaitingKey): Promise<void>;

  /** Destroys a waiting key's private half where its revision is unchanged. @throws Conflict */
  forget(key: WaitingKey): Promise<void>;

  /**
   * Replaces the wrapped private key by the published one, where the waiting key and its claim,
   * with consent and ring, are unchanged since the read.
   *
   * @throws Conflict
   */
  publish(key: WaitingKey, disclosed: DisclosedKey, claim: Claim): Promise<void>;
}
