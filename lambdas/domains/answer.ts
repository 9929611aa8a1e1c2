import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { header, json, originOf, type ApiResult } from '#shared/api/http.ts';
import { contacts } from '#shared/api/routes/contacts.ts';
import { dmarcPlan } from '#shared/api/routes/dmarc-plan.ts';
import { domainConnect } from '#shared/api/routes/domain-connect.ts';
import { domains } from '#shared/api/routes/domains.ts';
import { events } from '#shared/api/routes/events.ts';
import { keys } from '#shared/api/routes/keys.ts';
import { limits } from '#shared/api/routes/limits.ts';
import { policyEffects } from '#shared/api/routes/policy-effects.ts';
import { reports } from '#shared/api/routes/reports.ts';
import type { RouteKey } from '#shared/api/routes/route.ts';
import { senders } from '#shared/api/routes/senders.ts';
import { shareLinks } from '#shared/api/routes/share-links.ts';
import { sources } from '#shared/api/routes/sources.ts';
import { todo } from '#shared/api/routes/todo.ts';
import { claimDomain } from '#shared/app/claims/claim-domain.ts';
import { ownSources } from '#shared/core/dmarc/roll-out.ts';
import { decisionOn, decisionsOf } from '#shared/core/dmarc/source-decisions.ts';
import type { ContactOwner } from '#shared/core/model/contact.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { ContactId, PlatformId, TenantId } from '#shared/core/model/names.ts';
import { languageFor } from '#shared/core/texts/fill.ts';
import { changeDomain } from './change-domain.ts';
import { checkDomain, isAnswered } from './check-domain.ts';
import { decideSource } from './decide-source.ts';
import { deleteDomain } from './delete-domain.ts';
import { describeClaim, describeClaims } from './describe-claims.ts';
import { domainConnect as connectDomain } from './domain-connect.ts';
import { exportAllRecords } from './export-all-records.ts';
import { exportClaim } from './export-records.ts';
import { listEvents } from './list-events.ts';
import { listKeys } from './list-keys.ts';
import { listTodo } from './list-todo.ts';
import { listSenders } from './list-senders.ts';
import type { DomainPorts } from './ports.ts';
import { readLimits } from './read-limits.ts';
import { readOverview } from './read-overview.ts';
import { readPlan } from './read-plan.ts';
import { readPolicyEffects } from './read-policy-effects.ts';
import { readReports } from './read-reports.ts';
import { domainInPath, requireClaim } from './require-claim.ts';
import { createShareLink, listShareLinks, renewShareLink, revokeShareLink } from './share-links.ts';
import {
  checkSharedRecords,
  exportShared,
  sharedDomains,
  sharedRecords,
  type SharedKey,
} from './share-records.ts';
import {
  createContact,
  handOver,
  listContacts,
  readContact,
  revokeLinks,
  type ContactKey,
} from './contacts.ts';
import { openClaim, stopReminders } from './open-link.ts';
import { sharedPage } from './shared-page/page.ts';
import { revokeCurrentKey, rotateDomain } from './rotate-domain.ts';
import { whereDnsIs } from './where-dns-is.ts';
import { suggestParked } from './suggest-parked.ts';

const routes = {
  ...domains,
  ...keys,
  ...events,
  ...reports,
  ...dmarcPlan,
  ...policyEffects,
  ...senders,
  ...sources,
  ...shareLinks,
  ...contacts,
  ...domainConnect,
  ...limits,
  ...todo,
};

const useCases = {
  async claimDomain({ event, tenant, platform, body: { name, hosting, purpose } }, ports) {
    const idempotencyKey = header(event, 'idempotency-key');
    const claim = await claimDomain(
      { tenant, platform, name, hosting, purpose, idempotencyKey },
      ports,
    );
    return describeClaim(claim, ports);
  },

  async listDomains({ tenant, query: { cursor, limit, prefix } }, ports) {
    const page = await ports.claims.list(tenant, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(prefix === undefined ? {} : { prefix }),
    });
    return { domains: await describeClaims(page.claims, ports), cursor: page.cursor ?? null };
  },

  async readOverview({ tenant, query: { cursor, limit } }, ports) {
    return readOverview(tenant, { limit, ...(cursor === undefined ? {} : { cursor }) }, ports);
  },

  async getDomain(call, ports) {
    return describeClaim(await claimInPath(call, ports), ports);
  },

  async changeDomain({ body, ...call }, ports) {
    const asksDns = body.spf !== undefined || body.hosting !== undefined;
    if (asksDns) await takeDnsRequest(call, ports);
    return describeClaim(await changeDomain(keyOf(call), body, ports), ports);
  },

  async deleteDomain(call, ports) {
    return describeClaim(await deleteDomain(keyOf(call), ports), ports);
  },

  async checkDomain(call, ports) {
    const checked = await checkDomain(keyOf(call), ports);
    const document = await describeClaim(checked.claim, ports);
    const { name, checkedAt } = document;
    return isAnswered(checked, checkedAt)
      ? { finished: document }
      : { unfinished: { name, checkedAt } };
  },

  async rotateDomain({ body: { reason }, ...call }, ports) {
    const change = reason === 'manual' ? rotateDomain : revokeCurrentKey;
    return describeClaim(await change(keyOf(call), ports), ports);
  },

  async listKeys(call, ports) {
    return listKeys(await claimInPath(call, ports), ports);
  },

  async listEvents({ query, ...call }, ports) {
    return listEvents(await claimInPath(call, ports), query, ports);
  },

  async readReports({ query, ...call }, ports) {
    const claim = await claimInPath(call, ports);
    const [reports, suggestion] = await Promise.all([
      readReports(claim, query, ports),
      suggestParked(claim, ports),
    ]);
    return { ...reports, ...suggestion };
  },

  async readPlan(call, ports) {
    return readPlan(await claimInPath(call, ports), ports);
  },

  async readPolicyEffects(call, ports) {
    return readPolicyEffects(await claimInPath(call, ports), ports);
  },

  async decideSource({ body: { decision }, ...call }, ports) {
    const id = call.params.source.trim().toLowerCase();
    const claim = await decideSource(keyOf(call), id, decision, ports);
    const decisions = decisionsOf(claim);
    const own = ownSources({ ...decisions, learned: claim.rollOut?.learned ?? [] });
    return { id, decision: decisionOn(id, decisions), known: own.has(id) };
  },

  async listSenders(call, ports) {
    await takeDnsRequest(call, ports);
    return listSenders(await claimInPath(call, ports), ports);
  },

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

  async getDomainConnect(call, ports) {
    await takeDnsRequest(call, ports);
    return connectDomain(await claimInPath(call, ports), ports);
  },

  async exportRecords({ query, ...call }, ports) {
    return exportClaim(await claimInPath(call, ports), query, ports);
  },

  readLimits: ({ tenant, platform }, ports) =>
    readLimits(tenant ?? (platform as PlatformId), ports),

  listTodo: ({ tenant, platform, query }, ports) =>
    tenant === undefined
      ? listTodo({ tenant, platform: platform as PlatformId }, query, ports)
      : listTodo({ tenant, platform }, query, ports),

  async exportAllRecords({ tenant, query }, ports) {
    return exportAllRecords(tenant, query, ports);
  },

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
} satisfies UseCases<'domains', DomainPorts>;

/**
 * Answers a request about domains, and every request that no other route takes.
 *
 * @param everyRoute of the API
 */
export const answerBy = (everyRoute: readonly RouteKey[]) =>
  dispatcher<'domains', DomainPorts>(routes, useCases, everyRoute);

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

interface OfDomain {
  readonly tenant: TenantId;
  readonly params: { readonly name: string };
}

const keyOf = ({ tenant, params }: OfDomain) => ({ tenant, domain: domainInPath(params.name) });

const takeDnsRequest = ({ tenant }: OfDomain, { budgets }: DomainPorts) =>
  budgets.take(tenant, 'dns-requests', 1);

const claimInPath = (call: OfDomain, { claims }: DomainPorts) => requireClaim(keyOf(call), claims);
