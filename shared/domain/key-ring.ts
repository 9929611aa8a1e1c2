import type { KeyId, Selector } from './names.ts';

/**
 * - `current`: signs.
 * - `next`: published long before it signs.
 * - `previous`: published so that late mail verifies.
 * - `spare`: the third key at birth, which has never signed.
 * - `revoked`: its record is `p=`; it never signs again.
 */
export type KeyState = 'spare' | 'next' | 'current' | 'previous' | 'revoked';

export type KeyAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** What is born with a key and never changes. */
export interface KeyMaterial {
  readonly id: KeyId;
  readonly algorithm: KeyAlgorithm;
  /** The `p=` value of its record: base64 of the SPKI (RSA) or of the raw 32 bytes (Ed25519). */
  readonly publicKey: string;
  /** The private key wrapped by KMS, base64; bound to tenant, domain, selector and key id. */
  readonly wrappedPrivateKey: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface RingKey extends KeyMaterial {
  readonly selector: Selector;
  readonly state: KeyState;
  /** When it became `current` (ISO 8601), absent if it never was. */
  readonly firstSignedAt?: string;
  /** When it stopped being `current` (ISO 8601), absent while it signs or if it never did. */
  readonly lastSignedAt?: string;
  readonly revokedAt?: string;
}

/** The three slots of a claim, in the order of the deployment's selectors. */
export type KeyRing = readonly [RingKey, RingKey, RingKey];

/**
 * The ring of a new claim: the first slot signs once the claim is verified, the second is next,
 * the third is the spare that the first rotation promotes to next.
 */
export function newKeyRing(keys: readonly [SlotKey, SlotKey, SlotKey]): KeyRing {
  return [
    { ...keys[0], state: 'current' },
    { ...keys[1], state: 'next' },
    { ...keys[2], state: 'spare' },
  ];
}

export type SlotKey = KeyMaterial & { readonly selector: Selector };

/** The key that signs, or undefined while a compromise leaves none fit to. */
export const currentKey = (ring: KeyRing): RingKey | undefined =>
  ring.find((key) => key.state === 'current');
export const nextKey = (ring: KeyRing): RingKey | undefined =>
  ring.find((key) => key.state === 'next');
export const previousKey = (ring: KeyRing): RingKey | undefined =>
  ring.find((key) => key.state === 'previous');

/** What binds a wrapped key to its place: KMS's encryption context, visible in CloudTrail. */
export interface KeyContext {
  readonly tenant: string;
  readonly domain: string;
  readonly selector: string;
  readonly keyId: string;
}
