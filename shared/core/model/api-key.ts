import { sha256Hex } from '../digest.ts';
import { encodeBase32 } from './names.ts';

/**
 * An API key: `sd_` and 256 random bits in base32.
 *
 * @param random 32 bytes of a CSPRNG
 */
export const apiKeyOf = (random: Uint8Array): string => `sd_${encodeBase32(random)}`;

/** Returns true if a text has the form of an API key, which may not exist. */
export const isApiKey = (text: string): boolean => /^sd_[a-z2-7]{52}$/.test(text);

/** Returns the stored form of a key: SHA-256, hex. */
export const hashApiKey = (key: string): string => sha256Hex(key);

const PREFIX_LENGTH = 'sd_'.length + 6;

/** The first characters of a key, by which a person identifies it; 30 of its 256 bits. */
export const apiKeyPrefix = (key: string): string => key.slice(0, PREFIX_LENGTH);
