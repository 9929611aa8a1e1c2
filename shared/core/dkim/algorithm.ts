import { type KeyObject, hash, sign, verify } from 'node:crypto';

/** The signature algorithms in use (RFC 8301, RFC 8463); rsa-sha1 is no longer one of them. */
export type Algorithm = 'rsa-sha256' | 'ed25519-sha256';

/** The algorithm that a key signs with, or undefined where DKIM has none for it. */
export function algorithmOf(key: KeyObject): Algorithm | undefined {
  if (key.asymmetricKeyType === 'rsa') return 'rsa-sha256';
  return key.asymmetricKeyType === 'ed25519' ? 'ed25519-sha256' : undefined;
}

/** Signs the header's hash input. Ed25519 signs the SHA-256 of it (RFC 8463 §3). */
export function signOctets(algorithm: Algorithm, octets: Buffer, key: KeyObject): Buffer {
  if (algorithm === 'rsa-sha256') return sign('sha256', octets, key);
  return sign(null, hash('sha256', octets, 'buffer'), key);
}

/** Returns true if this key made the signature over the header's hash input. */
export function verifyOctets(
  algorithm: Algorithm,
  octets: Buffer,
  key: KeyObject,
  signature: Buffer,
): boolean {
  if (algorithm === 'rsa-sha256') return verify('sha256', octets, key, signature);
  return verify(null, hash('sha256', octets, 'buffer'), key, signature);
}
