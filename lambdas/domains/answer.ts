import {
  header,
  json,
  originOf,
  problemResult,
  readJson,
  readQuery,
  requireScope,
  type ApiEvent,
  type ApiResult,
} from '#shared/api/http.ts';
import { isInternal } from '#shared/api/problem.ts';
import { matchRoute, routes, type Operation } from '#shared/api/routes.ts';
import { changeRequest } from '#shared/api/change-schemas.ts';
import { eventsQuery } from '#shared/api/event-schemas.ts';
import { rotationRequest } from '#shared/api/key-schemas.ts';
import { sharedQuery } from '#shared/api/share-schemas.ts';
import { reportsQuery } from '#shared/api/report-schemas.ts';
import { claimRequest, pageQuery, recordsQuery } from '#shared/api/schemas.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { changeDomain } from './change-domain.ts';
import { checkDomain } from './check-domain.ts';
import { claimDomain } from './claim-domain.ts';
import { deleteDomain } from './delete-domain.ts';
import { describeClaim, describeClaims } from './describe-claims.ts';
import { describeComplete } from './describe-complete.ts';
import { domainConnect } from './domain-connect.ts';
import { exportRecords } from './export-records.ts';
import { listEvents } from './list-events.ts';
import { listKeys } from './list-keys.ts';
import { listSenders } from './list-senders.ts';
import type { DomainPorts } from './ports.ts';
import { readPlan } from './read-plan.ts';
import { readReports } from './read-reports.ts';
import { domainInPath, requireClaim } from './require-claim.ts';
import { sharedRecords, shareRecords } from './share-records.ts';
import { sharedPage } from './shared-page.ts';
import { revokeCurrentKey, rotateDomain } from './rotate-domain.ts';

interface Call {
  readonly event: ApiEvent;
  readonly tenant: TenantId;
  readonly params: Readonly<Record<string, string>>;
}

/** What each operation decodes, does and encodes. The messages function has the other operations. */
const operations: Partial<
  Record<Operation, (call: Call, ports: DomainPorts) => Promise<ApiResult>>
> = {
  async claimDomain({ event, tenant }, ports) {
    const { name, hosting } = readJson(event, claimRequest);
    const idempotencyKey = header(event, 'idempotency-key');
    const claim = await claimDomain({ tenant, name, hosting, idempotencyKey }, ports);
    const document = await describeClaim(claim, ports);
    return json(201, document, { location: `/v1/domains/${claim.domain}` });
  },

  async listDomains({ event, tenant }, ports) {
    const { cursor, limit, prefix } = readQuery(event, pageQuery);
    const page = await ports.claims.list(tenant, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(prefix === undefined ? {} : { prefix }),
    });
    const domains = await describeClaims(page.claims, ports);
    return json(200, { domains, cursor: page.cursor ?? null });
  },

  async getDomain(call, ports) {
    return json(200, await describeClaim(await claimInPath(call, ports), ports));
  },

  async changeDomain({ event, tenant, params }, ports) {
    const change = readJson(event, changeRequest);
    const claim = await changeDomain({ tenant, domain: domainOf(params) }, change, ports);
    return json(200, await describeClaim(claim, ports));
  },

  async deleteDomain({ tenant, params }, ports) {
    const claim = await deleteDomain({ tenant, domain: domainOf(params) }, ports);
    return json(202, await describeClaim(claim, ports));
  },

  async checkDomain({ tenant, params }, ports) {
    const claim = await checkDomain({ tenant, domain: domainOf(params) }, ports);
    return json(200, await describeClaim(claim, ports));
  },

  async rotateDomain({ event, tenant, params }, ports) {
    const { reason } = readJson(event, rotationRequest);
    const key = { tenant, domain: domainOf(params) };
    const change = reason === 'manual' ? rotateDomain : revokeCurrentKey;
    return json(200, await describeClaim(await change(key, ports), ports));
  },

  async listKeys(call, ports) {
    return json(200, await listKeys(await claimInPath(call, ports), ports));
  },

  async listEvents(call, ports) {
    const page = readQuery(call.event, eventsQuery);
    return json(200, await listEvents(await claimInPath(call, ports), page, ports));
  },

  async readReports(call, ports) {
    const range = readQuery(call.event, reportsQuery);
    return json(200, await readReports(await claimInPath(call, ports), range, ports));
  },

  async readPlan(call, ports) {
    return json(200, await readPlan(await claimInPath(call, ports), ports));
  },

  async listSenders(call, ports) {
    return json(200, await listSenders(await claimInPath(call, ports), ports));
  },

  async createShareLink({ event, tenant, params }, ports) {
    const { token, expiresAt } = await shareRecords({ tenant, domain: domainOf(params) }, ports);
    const url = `${originOf(event)}/v1/shared/${token}`;
    return json(201, { url, expiresAt });
  },

  async getDomainConnect(call, ports) {
    return json(200, await domainConnect(await claimInPath(call, ports), ports));
  },

  async exportRecords(call, ports) {
    const { format } = readQuery(call.event, recordsQuery);
    const claim = await claimInPath(call, ports);
    return exportRecords(claim.domain, await describeComplete(claim, ports), format);
  },
};

/**
 * Answers a request of the HTTP API; a failure is an answer too.
 *
 * Matching is by the table that the OpenAPI document is made from, not by a router package: the
 * default route must know every path and its methods to answer 404 and 405 with `Allow`.
 *
 * @param report told of failures that are ours
 */
export async function answer(
  event: ApiEvent,
  ports: DomainPorts,
  report: (error: unknown) => void,
): Promise<ApiResult> {
  const { method } = event.requestContext.http;
  try {
    const match = matchRoute(method, event.rawPath);
    if (match.kind === 'wrong-method') {
      const allow = match.allow.join(', ');
      const refusal = new Refusal(
        'method-not-allowed',
        `${event.rawPath.slice(0, 200)} takes ${allow}, not ${method}.`,
      );
      return problemResult(refusal, { allow });
    }
    if (match.kind === 'not-found') throw notThere(event);
    if (match.operation === 'readSharedRecords') {
      return await readSharedRecords(event, match.params['token'] ?? '', ports);
    }
    const operation = operations[match.operation];
    if (operation === undefined) throw notThere(event);
    const tenant = requireScope(event, routes[match.operation].scope);
    return await operation({ event, tenant, params: match.params }, ports);
  } catch (error) {
    if (isInternal(error)) report(error);
    return problemResult(error);
  }
}

/** What a link shows, to anybody: a page to browsers, else JSON or what was asked for. */
async function readSharedRecords(
  event: ApiEvent,
  token: string,
  ports: DomainPorts,
): Promise<ApiResult> {
  const { format } = readQuery(event, sharedQuery);
  const shared = await sharedRecords(token, ports);
  if (format !== undefined) return exportRecords(shared.name as DomainName, shared, format);
  const browses = header(event, 'accept')?.includes('text/html') ?? false;
  return browses ? sharedPage(shared) : json(200, shared);
}

const notThere = (event: ApiEvent): Refusal =>
  new Refusal('not-found', `There is no ${event.rawPath.slice(0, 200)}.`);

const domainOf = (params: Call['params']): DomainName => domainInPath(params['name'] ?? '');

const claimInPath = ({ tenant, params }: Call, { claims }: DomainPorts) =>
  requireClaim({ tenant, domain: domainOf(params) }, claims);
