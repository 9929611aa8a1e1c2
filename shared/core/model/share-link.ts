import { sha256Hex } from '../digest.ts';
import type { Claim, ShareLink } from './claim.ts';
import { encodeBase32, isLabel, type Label } from './names.ts';
import { DAY_MS, later } from '../time.ts';

/** A claim's links at a time; a new one ends the oldest. */
export const MOST_SHARE_LINKS = 5;

/**
 * A new link to a claim's records. Its token names the claim by its label, which its records show
 * anyway, and has 256 random bits; so no key is needed to sign it, and it can be ended.
 *
 * @param random 32 bytes of a CSPRNG
 * @param days that it opens
 * @returns the claim with the link, to be written, and the token, which is not kept
 */
export function withShareLink(
  claim: Claim,
  random: Uint8Array,
  days: number,
  now: Date,
): { readonly claim: Claim; readonly token: string; readonly link: ShareLink } {
  const token = `${claim.label}.${encodeBase32(random)}`;
  const expiresAt = later(now, days * DAY_MS);
  const link = { hash: hashOfToken(token), createdAt: now.toISOString(), expiresAt };
  const links = [...openLinks(claim, now), link].slice(-MOST_SHARE_LINKS);
  return { claim: withLinks(claim, links), token, link };
}

/** The links of a claim that open, oldest first; none once it is being deleted. */
export const openLinks = ({ lifecycle, shareLinks = [] }: Claim, now: Date): ShareLink[] =>
  lifecycle === 'live' ? shareLinks.filter((link) => isOpen(link, now)) : [];

/** Names a link to its tenant; says nothing of its token. */
export const idOfLink = ({ hash }: Pick<ShareLink, 'hash'>): string => hash.slice(0, 16);

/** The claim without one of its links; undefined where it has no such link. */
export function withoutShareLink(claim: Claim, id: string, now: Date): Claim | undefined {
  const open = openLinks(claim, now);
  const kept = open.filter((link) => idOfLink(link) !== id);
  return kept.length === open.length ? undefined : withLinks(claim, kept);
}

/** The claim with one of its links open for as long as a new one; undefined where it has no such link. */
export function withRenewedLink(
  claim: Claim,
  id: string,
  days: number,
  now: Date,
): { readonly claim: Claim; readonly link: ShareLink } | undefined {
  const open = openLinks(claim, now);
  const found = open.find((link) => idOfLink(link) === id);
  if (found === undefined) return undefined;
  const link = { ...found, expiresAt: later(now, days * DAY_MS) };
  return {
    claim: withLinks(
      claim,
      open.map((one) => (one === found ? link : one)),
    ),
    link,
  };
}

const withLinks = (claim: Claim, shareLinks: readonly ShareLink[]): Claim => ({
  ...claim,
  version: claim.version + 1,
  shareLinks,
});

/** The label that a token names; undefined where it has not the form of one. */
export function labelOfShareToken(token: string): Label | undefined {
  const [label = '', secret = '', ...more] = token.split('.');
  const formed = isLabel(label) && /^[a-z2-7]{52}$/.test(secret) && more.length === 0;
  return formed ? label : undefined;
}

/** The link of a claim that a token opens, while it does: not once the claim is being deleted. */
export function openedBy(claim: Claim, token: string, now: Date): ShareLink | undefined {
  const hash = hashOfToken(token);
  return openLinks(claim, now).find((link) => link.hash === hash);
}

const isOpen = ({ expiresAt }: ShareLink, now: Date): boolean =>
  now.getTime() < Date.parse(expiresAt);

/** Returns what is stored of a token, hex. Comparing hashes reveals nothing of it by its timing. */
export const hashOfToken = (token: string): string => sha256Hex(token);
