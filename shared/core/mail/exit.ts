import { type SigningProfile, sesProfile } from '../dkim/profile.ts';

/** The properties of a service that delivers mail to the world. */
export interface Exit {
  /** The name in reasons and logs. */
  readonly name: string;
  readonly profile: SigningProfile;
  /** Octets of the largest mail that it takes, signed. */
  readonly maxOctets: number;
}

/**
 * Amazon SES v2. Its limit of 40 MB counts the base64 of the mail on the wire, by the stricter
 * reading: 30 MB of mail.
 */
export const sesExit: Exit = { name: 'Amazon SES', profile: sesProfile, maxOctets: 30_000_000 };

/** Room for what signing adds: the signature, MIME-Version. */
const SIGNING_OCTETS = 10_000;

/** Octets of the largest mail that may be submitted for an exit. */
export const maxSubmittedOctets = ({ maxOctets }: Exit): number => maxOctets - SIGNING_OCTETS;
