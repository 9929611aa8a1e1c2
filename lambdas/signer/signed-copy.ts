import type { KeyObject } from 'node:crypto';
import type { SigningProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { authorOf } from '#shared/core/mail/from.ts';
import { normalizeLineEnds } from '#shared/core/mail/line-ends.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
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
 * @param raw as submitted; the signature may take the room before it
 * @throws Error where the mail is not from that domain: it must not go out under its name
 * @throws SigningError
 */
export function signedCopy(raw: Buffer, { domain, signingKey, profile, now }: Signing): Buffer {
  const normal = normalizeLineEnds(raw);
  const submitted = parseMessage(normal);
  const author = authorOf(submitted.header);
  if (!author.ok || author.domain !== domain) {
    const found = author.ok ? author.domain : author.refusal.detail;
    throw new Error(`the stored mail is not from ${domain}: ${found}`);
  }
  const message = prepareForSes(submitted);
  const signature =
    signingKey === undefined
      ? Buffer.alloc(0)
      : signMessage(message, {
          domain,
          selector: signingKey.selector,
          key: signingKey.key,
          profile,
          time: now.getTime() / 1000,
        });
  return message === submitted ? withFront(signature, normal) : assemble(signature, message);
}
