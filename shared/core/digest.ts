import { createHash } from 'node:crypto';

/** Returns the SHA-256 of octets, or of a text in UTF-8, in hex. */
export const sha256Hex = (value: string | Uint8Array): string =>
  createHash('sha256').update(value).digest('hex');

/**
 * Returns 128 bits that two texts name: the beginning of the SHA-256 over both, with a line feed
 * between them. An id of them is the same each time it is derived.
 */
export const digest128 = (first: string, second: string): Uint8Array =>
  createHash('sha256').update(`${first}\n${second}`).digest().subarray(0, 16);
