import { type KeyObject, createPublicKey } from 'node:crypto';
import type { Algorithm } from './algorithm.ts';
import { colonList, parseTagList, withoutWsp } from './tag-list.ts';

/** The tags of a key record in DNS (RFC 6376 §3.6.1, RFC 8463 §4). */
export type KeyRecord =
  | {
      readonly kind: 'key';
      readonly algorithm: Algorithm;
      readonly key: KeyObject;
      /** `t=s`: the domain of `i=` must be that of `d=`, not one below it. */
      readonly sameDomainOnly: boolean;
      /** `t=y`: the domain is only testing DKIM. */
      readonly testing: boolean;
    }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'unusable'; readonly reason: string };

/** The octets before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410 §4). */
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The record of a key that no longer counts (RFC 6376 §3.6.1: an empty `p=`). */
export const REVOKED_KEY_RECORD = 'v=DKIM1; p=';

/**
 * The TXT value to publish for a key.
 *
 * @param spki the public key as DER SubjectPublicKeyInfo, which is what KMS gives
 * @throws TypeError when it is not a key of the algorithm
 */
export function composeKeyRecord(spki: Buffer, algorithm: Algorithm): string {
  const type = createPublicKey({ key: spki, format: 'der', type: 'spki' }).asymmetricKeyType;
  if (algorithm === 'rsa-sha256' && type === 'rsa')
    return `v=DKIM1; k=rsa; p=${spki.toString('base64')}`;
  if (algorithm === 'ed25519-sha256' && type === 'ed25519') {
    return `v=DKIM1; k=ed25519; p=${spki.subarray(ED25519_SPKI_PREFIX.length).toString('base64')}`;
  }
  throw new TypeError(`A key of type ${type} cannot be published for ${algorithm}.`);
}

/**
 * Reads the TXT value of a key record.
 *
 * @param text the strings of one TXT record, joined
 */
export function parseKeyRecord(text: string): KeyRecord {
  const tags = parseTagList(text);
  if (tags === undefined) return unusable('the key record is not a list of tags');
  const version = tags.get('v');
  if (version !== undefined && (version !== 'DKIM1' || tags.keys().next().value !== 'v')) {
    return unusable('the key record is not of version DKIM1');
  }
  const encoded = tags.get('p');
  if (encoded === undefined) return unusable('the key record has no p= tag');
  if (encoded === '') return { kind: 'revoked' };
  const hashes = tags.get('h');
  if (hashes !== undefined && !colonList(hashes).includes('sha256'))
    return unusable('the key is not for sha256');
  const services = colonList(tags.get('s') ?? '*');
  if (!services.includes('*') && !services.includes('email'))
    return unusable('the key is not for email');
  const flags = colonList(tags.get('t') ?? '');
  const found = readKey((tags.get('k') ?? 'rsa').toLowerCase(), withoutWsp(encoded));
  if ('reason' in found) return found;
  return {
    kind: 'key',
    ...found,
    sameDomainOnly: flags.includes('s'),
    testing: flags.includes('y'),
  };
}

function readKey(
  type: string,
  encoded: string,
): { algorithm: Algorithm; key: KeyObject } | (KeyRecord & { kind: 'unusable' }) {
  if (type !== 'rsa' && type !== 'ed25519') return unusable(`the key type ${type} is not known`);
  if (!BASE64.test(encoded)) return unusable('p= is not base64');
  const bytes = Buffer.from(encoded, 'base64');
  const key = type === 'rsa' ? readRsaKey(bytes) : readEd25519Key(bytes);
  if (key?.asymmetricKeyType !== type) return unusable(`p= is no ${type} key`);
  return { algorithm: type === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256', key };
}

/** RSA keys come in both forms (RFC 6376 §3.6.1 and erratum 3017). */
function readRsaKey(bytes: Buffer): KeyObject | undefined {
  return readDer(bytes, 'spki') ?? readDer(bytes, 'pkcs1');
}

/** The 32 bytes of the key alone (RFC 8463 §4.2); OpenSSL would pass over more. */
function readEd25519Key(bytes: Buffer): KeyObject | undefined {
  return bytes.length === 32
    ? readDer(Buffer.concat([ED25519_SPKI_PREFIX, bytes]), 'spki')
    : undefined;
}

/** The key in DER, or undefined where the bytes are not one. */
function readDer(bytes: Buffer, type: 'spki' | 'pkcs1'): KeyObject | undefined {
  try {
    return createPublicKey({ key: bytes, format: 'der', type });
  } catch {
    return undefined; // OpenSSL says no more than that the bytes are not such a key
  }
}

function unusable(reason: string): KeyRecord & { kind: 'unusable' } {
  return { kind: 'unusable', reason };
}
