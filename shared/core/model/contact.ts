/**
 * The people who run the DNS of tenants' domains.
 *
 * A contact belongs to a platform, or to a tenant that no platform made, and is found by its mail
 * address: one web designer with twenty customers of a platform is one contact.
 */
import { digest128 } from '../digest.ts';
import { encodeRandom128, type ContactId, type PlatformId, type TenantId } from './names.ts';

/** Whose contacts they are: a platform's, or a tenant's that no platform made. */
export type ContactOwner = PlatformId | TenantId;

/** The languages that pages and mails for contacts are written in. */
export const languages = ['en', 'de', 'fr', 'es', 'nl'] as const;
export type Language = (typeof languages)[number];

/** A person to write to, as a tenant or a platform gives it. */
export interface ContactDetails {
  /** A mail address as it was given. */
  readonly email: string;
  readonly name?: string;
  /** The language to write in; absent where nobody said. */
  readonly language?: Language;
}

/** A person who runs the DNS of domains. */
export interface Contact extends ContactDetails {
  readonly id: ContactId;
  readonly owner: ContactOwner;
  readonly createdAt: string;
}

/** A domain whose DNS a contact runs. */
export interface ContactDomain {
  readonly tenant: TenantId;
  readonly domain: string;
  readonly since: string;
}

/**
 * Returns the id of the contact of an owner with a mail address, in whatever case it is written. It
 * derives from them, so that two imports at once name the same contact.
 */
export const contactIdOf = (owner: ContactOwner, email: string): ContactId =>
  `ct_${encodeRandom128(digest128(owner, email.trim().toLowerCase()))}` as ContactId;

/** Returns the owner of a tenant's contacts. */
export const contactOwnerOf = ({
  id,
  platform,
}: {
  readonly id: TenantId;
  readonly platform?: PlatformId | undefined;
}): ContactOwner => platform ?? id;
