import { sha256Hex } from '../digest.ts';
import { credentialOf, isCredential, isMistyped } from './credential.ts';

/**
 * Makes an API key: `sd_`, 256 random bits in base32 and a checksum.
 *
 * @param random 32 bytes of a CSPRNG
 */
export const apiKeyOf = (random: Uint8Array): string => credentialOf('sd', random);

/** Returns true if a text has the form of an API key, which may not exist. */
export const isApiKey = (text: string): boolean => isCredential('sd', text);

/** Returns true if a text was to be an API key, and has lost or changed a character. */
export const isMistypedApiKey = (text: string): boolean => isMistyped('sd', text);

/** Returns the stored form of a key: SHA-256, hex. */
export const hashApiKey = (key: string): string => sha256Hex(key);

const PREFIX_LENGTH = 'sd_'.length + 6;

/** The first characters of a key, by which a person identifies it; 30 of its 256 bits. */
export const apiKeyPrefix = (key: string): string => key.slice(0, PREFIX_LENGTH);
