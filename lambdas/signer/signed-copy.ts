import type { KeyObject } from 'node:crypto';
import { bodyCanonicalization } from '#shared/core/dkim/body/canonicalization.ts';
import type { SigningProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { authorOf } from '#shared/core/mail/from.ts';
import { findLineEndFaults, normalizeLineEnds } from '#shared/core/mail/line-ends.ts';
import { type ParsedMessage, parseMessage } from '#shared/core/mail/parse.ts';
import { withFront } from '#shared/core/mail/room.ts';
import { assemble, prepareForSes } from '#shared/core/mail/ses.ts';

/** The key a message is signed with. */
export interface SigningKey {
  readonly selector: string;
  readonly key: KeyObject;
}

/** The values that a copy is made with. */
export interface Signing {
  /** The author domain that the permission was given for. */
  readonly domain: DomainName;
  /** Undefined for a domain that sends unsigned. */
  readonly signingKey: SigningKey | undefined;
  /** The exit's. */
  readonly profile: SigningProfile;
  readonly now: Date;
}

/**
 * Makes the octets for Amazon SES. It normalises line ends, strips fields that SES or its callers
 * must not see, supplies MIME-Version, and adds one DKIM-Signature of the From domain.
 *
 * Bare LFs, which only mail of earlier releases has, are noticed while the body is hashed, so that
 * mail without them is passed over once.
 *
 * @param raw as submitted; the signature may take the room before it
 * @throws Error where the mail is not from that domain: it must not go out under its name
 * @throws SigningError
 */
export function signedCopy(raw: Buffer, signing: Signing): Buffer {
  const submitted = parseMessage(raw);
  requireAuthor(submitted, signing.domain);
  const message = prepareForSes(submitted);
  const { signature, bareLf } = sign(message, signing);
  if (bareLf || hasBareLf(submitted.header.bytes))
    return signedCopy(normalizeLineEnds(raw), signing);
  return message === submitted ? withFront(signature, raw) : assemble(signature, message);
}

function requireAuthor({ header }: ParsedMessage, domain: DomainName): void {
  const author = authorOf(header);
  if (author.ok && author.domain === domain) return;
  const found = author.ok ? author.domain : author.refusal.detail;
  throw new Error(`the stored mail is not from ${domain}: ${found}`);
}

/** The field to put before the message, and whether its body has a bare LF. */
function sign(
  message: ParsedMessage,
  { domain, signingKey, profile, now }: Signing,
): { signature: Buffer; bareLf: boolean } {
  if (signingKey === undefined) {
    return { signature: Buffer.alloc(0), bareLf: hasBareLf(message.body) };
  }
  const canonicalization = bodyCanonicalization(profile.bodyCanonicalization);
  const signer = { domain, ...signingKey, profile, time: now.getTime() / 1000 };
  const signature = signMessage(message, signer, canonicalization);
  return { signature, bareLf: canonicalization.bareLf };
}

function hasBareLf(octets: Buffer): boolean {
  return findLineEndFaults(octets).bareLfs > 0;
}
