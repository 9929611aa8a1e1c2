import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { header, json, originOf } from '#shared/api/http.ts';
import { dmarcPlan } from '#shared/api/routes/dmarc-plan.ts';
import { domainConnect } from '#shared/api/routes/domain-connect.ts';
import { domains } from '#shared/api/routes/domains.ts';
import { events } from '#shared/api/routes/events.ts';
import { keys } from '#shared/api/routes/keys.ts';
import { policyEffects } from '#shared/api/routes/policy-effects.ts';
import { reports } from '#shared/api/routes/reports.ts';
import type { RouteKey } from '#shared/api/routes/route.ts';
import { senders } from '#shared/api/routes/senders.ts';
import { shareLinks } from '#shared/api/routes/share-links.ts';
import { sources } from '#shared/api/routes/sources.ts';
import { ownSources } from '#shared/core/dmarc/roll-out.ts';
import { decisionOn, decisionsOf } from '#shared/core/dmarc/source-decisions.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { changeDomain } from './change-domain.ts';
import { checkDomain } from './check-domain.ts';
import { claimDomain } from './claim-domain.ts';
import { decideSource } from './decide-source.ts';
import { deleteDomain } from './delete-domain.ts';
import { describeClaim, describeClaims } from './describe-claims.ts';
import { describeComplete } from './describe-complete.ts';
import { domainConnect as connectDomain } from './domain-connect.ts';
import { exportAllRecords } from './export-all-records.ts';
import { exportRecords } from './export-records.ts';
import { listEvents } from './list-events.ts';
import { listKeys } from './list-keys.ts';
import { listSenders } from './list-senders.ts';
import type { DomainPorts } from './ports.ts';
import { readPlan } from './read-plan.ts';
import { readPolicyEffects } from './read-policy-effects.ts';
import { readReports } from './read-reports.ts';
import { changesNow } from './remaining-changes.ts';
import { domainInPath, requireClaim } from './require-claim.ts';
import { sharedRecords, shareRecords } from './share-records.ts';
import { sharedPage } from './shared-page.ts';
import { revokeCurrentKey, rotateDomain } from './rotate-domain.ts';
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
  ...domainConnect,
};

const useCases = {
  async claimDomain({ event, tenant, body: { name, hosting, purpose } }, ports) {
    const idempotencyKey = header(event, 'idempotency-key');
    const claim = await claimDomain({ tenant, name, hosting, purpose, idempotencyKey }, ports);
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

  async getDomain(call, ports) {
    return describeClaim(await claimInPath(call, ports), ports);
  },

  async changeDomain({ body, ...call }, ports) {
    return describeClaim(await changeDomain(keyOf(call), body, ports), ports);
  },

  async deleteDomain(call, ports) {
    return describeClaim(await deleteDomain(keyOf(call), ports), ports);
  },

  async checkDomain(call, ports) {
    return describeClaim(await checkDomain(keyOf(call), ports), ports);
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
    return listSenders(await claimInPath(call, ports), ports);
  },

  async createShareLink(call, ports) {
    const { token, expiresAt } = await shareRecords(keyOf(call), ports);
    return { url: `${originOf(call.event)}/v1/shared/${token}`, expiresAt };
  },

  async getDomainConnect(call, ports) {
    return connectDomain(await claimInPath(call, ports), ports);
  },

  async exportRecords({ query: { format }, ...call }, ports) {
    const claim = await claimInPath(call, ports);
    const { records } = await describeComplete(claim, ports);
    const changes = await changesNow(records, ports.resolver);
    return exportRecords({ name: claim.domain, records }, changes, format);
  },

  async exportAllRecords({ tenant, query }, ports) {
    return exportAllRecords(tenant, query, ports);
  },

  /**
   * Returns the content behind a link, open to anyone: a page to browsers, else JSON or the requested form.
   */
  async readSharedRecords({ event, params: { token }, query: { format } }, ports) {
    const shared = await sharedRecords(token, ports);
    if (format !== undefined) {
      const changes = await changesNow(shared.records, ports.resolver);
      return exportRecords({ ...shared, name: shared.name as DomainName }, changes, format);
    }
    const browses = header(event, 'accept')?.includes('text/html') ?? false;
    return browses ? sharedPage(shared) : json(200, shared);
  },
} satisfies UseCases<'domains', DomainPorts>;

/**
 * Answers a request about domains, and every request that no other route takes.
 *
 * @param everyRoute of the API
 */
export const answerBy = (everyRoute: readonly RouteKey[]) =>
  dispatcher<'domains', DomainPorts>(routes, useCases, everyRoute);

interface OfDomain {
  readonly tenant: TenantId;
  readonly params: { readonly name: string };
}

const keyOf = ({ tenant, params }: OfDomain) => ({ tenant, domain: domainInPath(params.name) });

const claimInPath = (call: OfDomain, { claims }: DomainPorts) => requireClaim(keyOf(call), claims);
