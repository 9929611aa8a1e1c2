import type { Contact, ContactDomain, ContactOwner } from '#shared/core/model/contact.ts';
import type { ContactId, DomainName, TenantId } from '#shared/core/model/names.ts';

/** Contacts, and the domains whose DNS each runs. */
export interface ContactStore {
  /**
   * Stores a contact, and that it runs the DNS of a domain, in the place of another that did. Done
   * again it changes nothing but the name and language, where they are given.
   *
   * @throws Conflict where the domain was given to another meanwhile
   */
  assign(contact: Contact, of: { tenant: TenantId; domain: DomainName }): Promise<void>;
  /** Strongly consistent. */
  get(owner: ContactOwner, id: ContactId): Promise<Contact | undefined>;
  /** The contacts of an owner, by id. @throws Refusal `invalid-cursor` */
  list(
    owner: ContactOwner,
    page: { cursor?: string; limit: number },
  ): Promise<{ contacts: Contact[]; cursor: string | undefined }>;
  /** The domains whose DNS a contact runs, of all tenants of its owner. */
  domainsOf(owner: ContactOwner, id: ContactId): Promise<ContactDomain[]>;
  /** The contact of each domain of a tenant that has one. */
  contactsOf(tenant: TenantId): Promise<Map<DomainName, ContactId>>;
}
