import type { TenantId } from '#shared/core/model/names.ts';
import type { DomainPorts } from './ports.ts';
import { domainInPath, requireClaim } from './require-claim.ts';

/** A call about one domain of a tenant. */
export interface OfDomain {
  readonly tenant: TenantId;
  readonly params: { readonly name: string };
}

/** The key of the claim that a call is about. @throws Refusal where the name is none */
export const keyOf = ({ tenant, params }: OfDomain) => ({
  tenant,
  domain: domainInPath(params.name),
});

/** Takes one request that asks others' name servers from the tenant's budget. @throws Refusal over it */
export const takeDnsRequest = ({ tenant }: OfDomain, { budgets }: DomainPorts) =>
  budgets.take(tenant, 'dns-requests', 1);

/** Reads the claim that a call is about. @throws Refusal where the tenant has none */
export const claimInPath = (call: OfDomain, { claims }: DomainPorts) =>
  requireClaim(keyOf(call), claims);
