/**
 * A token for a page that a platform embeds: an hour of what its scopes allow, for one tenant, some
 * of its domains, and from the platform's own origins.
 */
import { sha256Hex } from '../digest.ts';
import { encodeBase32, type DomainName, type PlatformId, type TenantId } from './names.ts';

/** Seconds that a token is valid at most, and by default. */
export const TOKEN_SECONDS = 3_600;

/**
 * The scopes of a token: `domains:read` reads domains and has them checked, `domains` changes them
 * too.
 */
export const tokenScopes = ['domains:read', 'domains'] as const;
export type TokenScope = (typeof tokenScopes)[number];

export interface PageToken {
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  readonly tenant: TenantId;
  readonly platform: PlatformId;
  /** The hash of the platform key that made it: a token ends with its maker. */
  readonly madeBy: string;
  readonly scopes: readonly TokenScope[];
  /** The domains that it is for; absent: all of the tenant's. */
  readonly domains?: readonly DomainName[];
  /** The origins of the pages that may use it; at least one. */
  readonly origins: readonly string[];
  readonly createdAt: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** Makes a token: `sdt_` and 256 random bits in base32. @param random 32 bytes of a CSPRNG */
export const pageTokenOf = (random: Uint8Array): string => `sdt_${encodeBase32(random)}`;

/** Returns true if a text has the form of a token, which may not exist. */
export const isPageToken = (text: string): boolean => /^sdt_[a-z2-7]{52}$/.test(text);

/** Returns the stored form of a token: SHA-256, hex. */
export const hashPageToken = (token: string): string => sha256Hex(token);

/** Returns true if a token has ended; one ends at `expiresAt`, to the millisecond. */
export const hasEnded = ({ expiresAt }: Pick<PageToken, 'expiresAt'>, now: Date): boolean =>
  now.getTime() >= Date.parse(expiresAt);
