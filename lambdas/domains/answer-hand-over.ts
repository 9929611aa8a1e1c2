import type { UseCases } from '#shared/api/dispatch.ts';
import { header, json, originOf, type ApiResult } from '#shared/api/http.ts';
import { contacts } from '#shared/api/routes/contacts.ts';
import { shareLinks } from '#shared/api/routes/share-links.ts';
import type { ContactOwner } from '#shared/core/model/contact.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { ContactId, PlatformId, TenantId } from '#shared/core/model/names.ts';
import { languageFor } from '#shared/core/texts/fill.ts';
import { keyOf } from './calls.ts';
import { isAnswered } from './check-domain.ts';
import {
  createContact,
  handOver,
  listContacts,
  readContact,
  revokeLinks,
  type ContactKey,
} from './contacts.ts';
import { domainConnect as connectDomain } from './domain-connect.ts';
import { openClaim, stopReminders } from './open-link.ts';
import type { DomainPorts } from './ports.ts';
import { createShareLink, listShareLinks, renewShareLink, revokeShareLink } from './share-links.ts';
import {
  checkSharedRecords,
  exportShared,
  sharedDomains,
  sharedRecords,
  type SharedKey,
} from './share-records.ts';
import { sharedPage } from './shared-page/page.ts';
import { whereDnsIs } from './where-dns-is.ts';

/** The routes by which somebody else is given the records to publish. */
export const handOverRoutes = { ...shareLinks, ...contacts };

/** What answers them. */
export const handOverUseCases = {
  async createShareLink(call, ports) {
    const { token, ...link } = await createShareLink(keyOf(call), ports);
    return { ...link, url: `${originOf(call.event)}${PAGE}#${token}` };
  },

  listShareLinks: (call, ports) => listShareLinks(keyOf(call), ports),

  renewShareLink: (call, ports) => renewShareLink(keyOf(call), call.params.link, ports),

  revokeShareLink: (call, ports) => revokeShareLink(keyOf(call), call.params.link, ports),

  createContact: ({ tenant, body }, ports) => createContact(tenant, body, ports),

  listContacts: (call, ports) => listContacts(ownerOf(call), call.query, ports),

  getContact: (call, ports) => readContact(contactIn(call), ports),

  async handOver({ body: { mail }, ...call }, ports) {
    const page = `${originOf(call.event)}${PAGE}`;
    return handOver(contactIn(call), { mail, page }, ports);
  },

  revokeHandOver: (call, ports) => revokeLinks(contactIn(call), ports),

  async readSharedPage({ event, query: { lang } }) {
    return sharedPage(languageFor(lang, header(event, 'accept-language')));
  },

  readSharedDomains: ({ body: { token } }, ports) => sharedDomains(token, ports),

  readSharedDomain: ({ body }, ports) => sharedRecords(body, ports),

  checkSharedDomain: ({ body }, ports) => checkShared(body, ports),

  exportSharedDomain: ({ body }, ports) => exportShared(body, ports),

  async connectSharedDomain({ body }, ports) {
    const { claim } = await openClaim(body, ports);
    await ports.budgets.take(claim.tenant, 'dns-requests', 1);
    return connectDomain(claim, ports, { returns: false });
  },

  async readWhereDnsIs({ body }, ports) {
    const { claim } = await openClaim(body, ports);
    await ports.budgets.take(claim.tenant, 'dns-requests', 1);
    return whereDnsIs(claim, ports);
  },

  async stopReminders({ body: { token } }, ports) {
    await stopReminders(token, ports);
    return { reminds: false };
  },

  /** Answers a link of an earlier release; a browser goes to the page, and takes the token with it. */
  async readSharedRecords({ event, params: { token }, query: { format } }, ports) {
    if (format !== undefined) return exportShared({ token, format }, ports);
    const browses = header(event, 'accept')?.includes('text/html') ?? false;
    if (browses) return movedTo(`${PAGE}#${encodeURIComponent(token)}`);
    return json(200, await sharedRecords({ token }, ports));
  },

  checkSharedRecords: ({ params: { token } }, ports) => checkShared({ token }, ports),
} satisfies Pick<UseCases<'domains', DomainPorts>, keyof typeof handOverRoutes>;

/** The path of the page behind links. */
const PAGE = '/v1/hand-over';

/** @param location a path */
const movedTo = (location: string): ApiResult => ({
  statusCode: 302,
  headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  body: '',
});

async function checkShared(key: SharedKey, ports: DomainPorts) {
  const { shared, ...checked } = await checkSharedRecords(key, ports);
  const { name, checkedAt } = shared;
  return isAnswered(checked, checkedAt)
    ? { finished: shared }
    : { unfinished: { name, checkedAt } };
}

/**
 * Whose contacts a call is about: the tenant's that it is for, or a platform's that calls for itself.
 * What is bound to a tenant never sees the platform's, who have domains of other tenants.
 */
function ownerOf({
  tenant,
  platform,
}: {
  readonly tenant: TenantId | undefined;
  readonly platform: PlatformId | undefined;
}): ContactOwner {
  const owner = tenant ?? platform;
  if (owner === undefined) throw new Refusal('unauthenticated', 'Send an API key.');
  return owner;
}

const contactIn = (
  call: Parameters<typeof ownerOf>[0] & { readonly params: { readonly contact: string } },
): ContactKey => ({ owner: ownerOf(call), contact: call.params.contact as ContactId });
