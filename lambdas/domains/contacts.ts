import { beginHandOver, revokeHandOver } from '#shared/app/hand-over/begin.ts';
import type { ContactDocument } from '#shared/api/routes/contacts.ts';
import {
  contactIdOf,
  type Contact,
  type ContactDetails,
  type ContactOwner,
} from '#shared/core/model/contact.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { HandOver } from '#shared/core/model/hand-over.ts';
import { parseDomainName, type ContactId, type TenantId } from '#shared/core/model/names.ts';
import { DAY_MS } from '#shared/core/time.ts';
import type { DomainPorts } from './ports.ts';
import { requireClaim } from './require-claim.ts';

type ContactPorts = Pick<
  DomainPorts,
  'budgets' | 'claims' | 'clock' | 'contacts' | 'handOvers' | 'mailsContacts' | 'pending' | 'random'
>;

/** Names a contact to its owner. */
export interface ContactKey {
  readonly owner: ContactOwner;
  readonly contact: ContactId;
}

/**
 * Notes who runs the DNS of domains of a tenant.
 *
 * @throws Refusal `not-found` where a domain is not the tenant's, `domain-invalid`; `forbidden` where
 *   a platform keeps the contact of a domain
 */
export async function createContact(
  tenant: TenantId,
  { domains, ...details }: ContactDetails & { readonly domains: readonly string[] },
  ports: ContactPorts,
): Promise<ContactDocument> {
  const { claims, clock, contacts } = ports;
  const names = [...new Set(domains.map(parseDomainName))];
  await Promise.all(names.map((domain) => requireClaim({ tenant, domain }, claims)));
  const present = await contacts.contactsOf(tenant);
  for (const domain of names) {
    const former = present.get(domain);
    if (former !== undefined && (await contacts.get(tenant, former)) === undefined) {
      throw new Refusal(
        'forbidden',
        `The platform that made this account says who runs the DNS of ${domain}.`,
      );
    }
  }
  const contact: Contact = {
    ...details,
    email: details.email.trim(),
    id: contactIdOf(tenant, details.email),
    owner: tenant,
    createdAt: clock.now().toISOString(),
  };
  for (const domain of names) await contacts.assign(contact, { tenant, domain });
  return readContact({ owner: tenant, contact: contact.id }, ports);
}

/** @throws Refusal `not-found` */
export async function readContact(key: ContactKey, ports: ContactPorts): Promise<ContactDocument> {
  const contact = await requireContact(key, ports);
  return documentOf(contact, await ports.handOvers.get(key.owner, key.contact), ports);
}

/** @throws Refusal `invalid-cursor` */
export async function listContacts(
  owner: ContactOwner,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  ports: ContactPorts,
): Promise<{ contacts: ContactDocument[]; cursor: string | null }> {
  const page = await ports.contacts.list(owner, {
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  const documents = page.contacts.map(async (contact) =>
    documentOf(contact, await ports.handOvers.get(owner, contact.id), ports),
  );
  return { contacts: await Promise.all(documents), cursor: page.cursor ?? null };
}

/**
 * Makes a link to all domains of a contact, and has the contact mailed where that is wanted.
 *
 * @param page the address of the page behind links
 * @throws Refusal `not-found`; `mail-not-offered` where the operator has not set up mails
 * @throws BudgetExceeded `hand-over-mails-day` @throws Conflict
 */
export async function handOver(
  key: ContactKey,
  { mail, page }: { readonly mail: boolean; readonly page: string },
  ports: ContactPorts,
) {
  const contact = await requireContact(key, ports);
  if (mail) {
    if (!ports.mailsContacts) throw mailNotOffered();
    const [first] = await ports.contacts.domainsOf(key.owner, key.contact);
    if (first !== undefined) await ports.budgets.take(first.tenant, 'hand-over-mails', 1);
  }
  const made = await beginHandOver({ ...key, page }, mail, ports);
  return {
    url: `${page}?lang=${contact.language ?? 'en'}#${made.token}`,
    expiresAt: made.expiresAt,
    contact: await documentOf(contact, made.handOver, ports),
  };
}

/** @throws Refusal `not-found` @throws Conflict */
export async function revokeLinks(key: ContactKey, ports: ContactPorts): Promise<ContactDocument> {
  const contact = await requireContact(key, ports);
  return documentOf(contact, await revokeHandOver(key, ports), ports);
}

async function requireContact({ owner, contact }: ContactKey, { contacts }: ContactPorts) {
  const found = await contacts.get(owner, contact);
  if (found !== undefined) return found;
  throw new Refusal('not-found', `You have no contact "${contact.slice(0, 40)}".`);
}

const mailNotOffered = () =>
  new Refusal(
    'mail-not-offered',
    'The operator of this service sends no mails to contacts. Mail the link yourself.',
  );

async function documentOf(
  { id, owner, email, name, language, createdAt }: Contact,
  handed: HandOver | undefined,
  { contacts, clock }: ContactPorts,
): Promise<ContactDocument> {
  const domains = await contacts.domainsOf(owner, id);
  const now = clock.now().toISOString();
  return {
    id,
    email,
    name: name ?? null,
    language: language ?? null,
    createdAt,
    domains: domains.map(({ tenant, domain }) => ({ tenant, name: domain })),
    links: (handed?.links ?? [])
      .filter(({ expiresAt }) => now < expiresAt)
      .map(({ createdAt: madeAt, expiresAt, openedAt = null }) => ({
        createdAt: madeAt,
        expiresAt,
        openedAt,
      })),
    mails: (handed?.mails ?? []).map(({ detail = null, ...mail }) => ({ ...mail, detail })),
    nextMailAt: nextMailAt(handed),
    ended: handed?.ended ?? null,
  };
}

function nextMailAt(handed: HandOver | undefined): string | null {
  const { mailing } = handed ?? {};
  if (mailing?.next === undefined) return null;
  return new Date(Date.parse(mailing.since) + mailing.next * DAY_MS).toISOString();
}
