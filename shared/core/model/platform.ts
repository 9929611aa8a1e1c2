/**
 * A platform is a system of the operator's own, or of a partner, that makes tenants and acts for
 * them. It sees the tenants that it made, and no others.
 */
import { sha256Hex } from '../digest.ts';
import { credentialOf, isCredential, isMistyped } from './credential.ts';
import { Refusal } from './errors.ts';
import { isTenantId, quoted, type PlatformId } from './names.ts';

export interface Platform {
  readonly id: PlatformId;
  readonly name: string;
  readonly createdAt: string;
  /** The origins of the pages that may use its tokens: `https://app.example.com`; absent: none. */
  readonly origins?: readonly string[];
}

/** A credential of a platform; several keys of one platform see the same tenants. */
export interface PlatformKey {
  /** SHA-256 of the key, hex; the key itself is shown once and kept nowhere. */
  readonly hash: string;
  readonly platform: PlatformId;
  /** The first characters, by which people recognize keys. */
  readonly prefix: string;
  readonly createdAt: string;
  readonly revokedAt?: string;
}

/**
 * Makes a platform key: `sdp_`, 256 random bits in base32 and a checksum.
 *
 * @param random 32 bytes of a CSPRNG
 */
export const platformKeyOf = (random: Uint8Array): string => credentialOf('sdp', random);

/** Returns true if a text has the form of a platform key, which may not exist. */
export const isPlatformKey = (text: string): boolean => isCredential('sdp', text);

/** Returns true if a text was to be a platform key, and has lost or changed a character. */
export const isMistypedPlatformKey = (text: string): boolean => isMistyped('sdp', text);

/** Returns the stored form of a platform key: SHA-256, hex. */
export const hashPlatformKey = (key: string): string => sha256Hex(key);

const PREFIX_LENGTH = 'sdp_'.length + 6;

/** The first characters of a platform key, by which a person identifies it; 30 of its 256 bits. */
export const platformKeyPrefix = (key: string): string => key.slice(0, PREFIX_LENGTH);

/** The longest external id, in characters. */
export const LONGEST_EXTERNAL_ID = 128;

/** Visible ASCII: it goes into a header field and a path. */
const externalIdForm = /^[\x21-\x7e]+$/;

/**
 * Reads the id that a platform's own system has for a customer.
 *
 * @throws Refusal `invalid-body` where it cannot go into a header field, or has the form of our ids
 */
export function parseExternalId(given: string): string {
  const id = given.trim();
  const wrong = (why: string) =>
    new Refusal('invalid-body', `${quoted(given)} cannot be an external id: ${why}.`);
  if (id === '') throw wrong('it is empty');
  if (id.length > LONGEST_EXTERNAL_ID) {
    throw wrong(`it has more than ${LONGEST_EXTERNAL_ID} characters`);
  }
  if (!externalIdForm.test(id)) throw wrong('give visible ASCII characters without spaces');
  if (isTenantId(id)) throw wrong('it has the form of an id that this service gives');
  return id;
}

/** The most origins of a platform: all are replaced in one transaction, of at most 100 writes. */
export const MOST_ORIGINS = 40;

/** The longest origin, in characters: a host name has 253, and scheme and port are short. */
export const LONGEST_ORIGIN = 300;

/**
 * Reads an origin (RFC 6454 §6.2): scheme, host and port, https but for `localhost`.
 *
 * @throws Refusal `invalid-body`
 */
export function parseOrigin(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isLocal = url?.protocol === 'http:' && url.hostname === 'localhost';
  if (url !== undefined && (url.protocol === 'https:' || isLocal) && url.pathname === '/') {
    const isBare = url.search === '' && url.hash === '' && url.username === '';
    const isShort = url.origin.length <= LONGEST_ORIGIN;
    if (isBare && isShort && !given.includes('*')) return url.origin;
  }
  throw new Refusal(
    'invalid-body',
    `${quoted(given)} is no origin of a page: give scheme and host, as in https://app.example.com.`,
  );
}
