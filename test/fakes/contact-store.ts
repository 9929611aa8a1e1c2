import { decodeCursor, encodeCursor } from '#shared/adapters/aws/cursor.ts';
import type { ContactStore } from '#shared/app/ports/contact-store.ts';
import type { Contact, ContactDomain, ContactOwner } from '#shared/core/model/contact.ts';
import type { ContactId, DomainName, TenantId } from '#shared/core/model/names.ts';

/** Contacts in memory, by the rules of the port. */
export class MemoryContactStore implements ContactStore {
  readonly #contacts = new Map<string, Contact>();
  readonly #domains = new Map<
    string,
    ContactDomain & { owner: ContactOwner; contact: ContactId }
  >();

  async assign(contact: Contact, of: { tenant: TenantId; domain: DomainName }): Promise<void> {
    const { owner, id } = contact;
    const key = `${owner} ${id}`;
    const before = this.#contacts.get(key);
    this.#contacts.set(key, {
      ...contact,
      ...before,
      ...contact,
      createdAt: before?.createdAt ?? contact.createdAt,
    });
    const place = `${of.tenant} ${of.domain}`;
    const held = this.#domains.get(place);
    const since = held?.contact === id ? held.since : contact.createdAt;
    this.#domains.set(place, { ...of, owner, contact: id, since });
  }

  async get(owner: ContactOwner, id: ContactId): Promise<Contact | undefined> {
    return this.#contacts.get(`${owner} ${id}`);
  }

  async list(owner: ContactOwner, { cursor, limit }: { cursor?: string; limit: number }) {
    const name = `contacts of ${owner}`;
    const after = cursor === undefined ? '' : decodeCursor(name, cursor);
    const rest = [...this.#contacts.values()]
      .filter((contact) => contact.owner === owner && contact.id > after)
      .toSorted((one, other) => (one.id < other.id ? -1 : 1));
    const last = rest[limit - 1];
    return {
      contacts: rest.slice(0, limit),
      cursor: rest.length > limit && last ? encodeCursor(name, last.id) : undefined,
    };
  }

  async domainsOf(owner: ContactOwner, id: ContactId): Promise<ContactDomain[]> {
    return [...this.#domains.values()]
      .filter((one) => one.owner === owner && one.contact === id)
      .map(({ tenant, domain, since }) => ({ tenant, domain, since }));
  }

  async contactsOf(tenant: TenantId): Promise<Map<DomainName, ContactId>> {
    return new Map(
      [...this.#domains.values()]
        .filter((one) => one.tenant === tenant)
        .map(({ domain, contact }) => [domain as DomainName, contact]),
    );
  }
}
