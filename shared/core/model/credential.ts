/** The form of the service's own credentials: `<prefix>_`, 256 random bits and a checksum. */
import { crc32 } from 'node:zlib';
import { encodeBase32 } from './names.ts';

/** 256 bits in base32. */
const BITS = '[a-z2-7]{52}';
/** 32 bits in base32. */
const CHECKSUM_LENGTH = 7;
const LONGEST = 200;

/**
 * Makes a credential. Its last seven characters are a checksum (CRC-32 of all before them), by which
 * a scanner of secrets, and we, know a mistyped one from one that does not exist.
 *
 * @param random 32 bytes of a CSPRNG
 */
export function credentialOf(prefix: string, random: Uint8Array): string {
  const secret = `${prefix}_${encodeBase32(random)}`;
  return secret + checksumOf(secret);
}

function checksumOf(secret: string): string {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(crc32(secret));
  return encodeBase32(octets);
}

/**
 * Returns true if a text is a credential of this prefix, which may not exist: with its checksum, or
 * without one, as they were until December 2026.
 */
export function isCredential(prefix: string, text: string): boolean {
  if (new RegExp(`^${prefix}_${BITS}$`).test(text)) return true;
  if (!new RegExp(`^${prefix}_${BITS}[a-z2-7]{${CHECKSUM_LENGTH}}$`).test(text)) return false;
  return text.endsWith(checksumOf(text.slice(0, -CHECKSUM_LENGTH)));
}

/** Returns true if a text begins as a credential of this prefix, and was never issued as it is. */
export const isMistyped = (prefix: string, text: string): boolean =>
  text.startsWith(`${prefix}_`) && text.length <= LONGEST && !isCredential(prefix, text);
