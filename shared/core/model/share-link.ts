import { createHash } from 'node:crypto';
import type { Claim, ShareLink } from './claim.ts';
import { encodeBase32, isLabel, type Label } from './names.ts';
import { DAY_MS, later } from '../time.ts';

export const SHARE_LINK_DAYS = 14;
/** A claim's links at a time; a new one ends the oldest. */
export const MOST_SHARE_LINKS = 5;

/**
 * A new link to a claim's records. Its token names the claim by its label, which its records show
 * anyway, and has 256 random bits; so no key is needed to sign it, and it can be ended.
 *
 * @param random 32 bytes of a CSPRNG
 * @returns the claim with the link, to be written, and the token, which is not kept
 */
export function withShareLink(
  claim: Claim,
  random: Uint8Array,
  now: Date,
): { readonly claim: Claim; readonly token: string; readonly expiresAt: string } {
  const token = `${claim.label}.${encodeBase32(random)}`;
  const expiresAt = later(now, SHARE_LINK_DAYS * DAY_MS);
  const open = (claim.shareLinks ?? []).filter((link) => isOpen(link, now));
  return {
    claim: {
      ...claim,
      version: claim.version + 1,
      shareLinks: [...open, { hash: hashOf(token), expiresAt }].slice(-MOST_SHARE_LINKS),
    },
    token,
    expiresAt,
  };
}

/** The label that a token names; undefined where it has not the form of one. */
export function labelOfShareToken(token: string): Label | undefined {
  const [label = '', secret = '', ...more] = token.split('.');
  const formed = isLabel(label) && /^[a-z2-7]{52}$/.test(secret) && more.length === 0;
  return formed ? label : undefined;
}

/** The link of a claim that a token opens, while it does: not once the claim is being deleted. */
export function openedBy(claim: Claim, token: string, now: Date): ShareLink | undefined {
  if (claim.lifecycle !== 'live') return undefined;
  const hash = hashOf(token);
  return claim.shareLinks?.find((link) => link.hash === hash && isOpen(link, now));
}

const isOpen = ({ expiresAt }: ShareLink, now: Date): boolean =>
  now.getTime() < Date.parse(expiresAt);

/** Comparing hashes reveals nothing of the token by its timing. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
