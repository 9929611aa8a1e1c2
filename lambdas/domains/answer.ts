import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { header } from '#shared/api/http.ts';
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
import { sources } from '#shared/api/routes/sources.ts';
import { todo } from '#shared/api/routes/todo.ts';
import { claimDomain } from '#shared/app/claims/claim-domain.ts';
import { ownSources } from '#shared/core/dmarc/roll-out.ts';
import { decisionOn, decisionsOf } from '#shared/core/dmarc/source-decisions.ts';
import type { PlatformId } from '#shared/core/model/names.ts';
import { handOverRoutes, handOverUseCases } from './answer-hand-over.ts';
import { claimInPath, keyOf, takeDnsRequest } from './calls.ts';
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
  ...handOverRoutes,
  ...domainConnect,
  ...limits,
  ...todo,
};

const useCases = {
  ...handOverUseCases,

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
} satisfies UseCases<'domains', DomainPorts>;

/**
 * Answers a request about domains, and every request that no other route takes.
 *
 * @param everyRoute of the API
 */
export const answerBy = (everyRoute: readonly RouteKey[]) =>
  dispatcher<'domains', DomainPorts>(routes, useCases, everyRoute);
