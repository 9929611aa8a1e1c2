import type { Clock } from '#shared/app/ports/clock.ts';
import type { ReputationStore } from '#shared/app/ports/reputation-store.ts';
import type { Tenant, TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { ratesOf, type Reputation, type ReputationSubject } from '#shared/core/model/reputation.ts';
import { CommandError } from './command.ts';
import { tenantOf } from './tenants.ts';

export interface ReputationPorts {
  readonly tenants: Pick<TenantStore, 'list'>;
  readonly reputations: Pick<ReputationStore, 'among' | 'reset'>;
  readonly clock: Clock;
}

/** The operator's word on a reputation: start again, with effect or without. */
export type Decision = 'reset' | 'exempt';

export interface Shown {
  readonly tenant: Tenant;
  readonly subject: ReputationSubject;
  readonly reputation: Reputation;
}

/**
 * Shows the reputation of a tenant or of one of its domains, after the operator's decision where there
 * is one. Mail that waits for it goes out within 15 minutes.
 *
 * @throws CommandError where there is no such tenant
 */
export async function reputationOf(
  nameOrId: string,
  domain: string | undefined,
  decision: Decision | undefined,
  { tenants, reputations, clock }: ReputationPorts,
): Promise<Shown> {
  const tenant = await tenantOf(nameOrId, tenants);
  const at = clock.now().toISOString();
  const subject: ReputationSubject = {
    tenant: tenant.id,
    ...(domain === undefined ? {} : { domain: domain.toLowerCase() as DomainName }),
  };
  if (decision !== undefined) await reputations.reset(subject, decision === 'exempt', at);
  const [reputation] = await reputations.among([subject], at);
  if (reputation === undefined) throw new CommandError('The reputation could not be read.');
  return { tenant, subject, reputation };
}

/** Says what a reputation is. */
export function reputationLine({ tenant, subject, reputation }: Shown): string {
  const { standing, since, exempt = false, counts } = reputation;
  const who = subject.domain === undefined ? tenant.name : `${subject.domain} of ${tenant.name}`;
  const is = exempt ? 'exempt' : standing;
  return `${who} (${tenant.id}) is ${is}${since === undefined ? '' : ` since ${since}`}: ${ratesOf(counts)}.`;
}
