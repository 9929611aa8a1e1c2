import { isDelegated, type Claim } from '#shared/core/model/claim.ts';
import type { DelegatedZone } from '#shared/core/model/delegated-zone.ts';
import { answered } from '#shared/core/model/lookup.ts';
import { nameServerOf } from '#shared/core/records/kinds/delegation.ts';
import type { DelegationRequest } from '../ports/queues.ts';
import { removeAddresses } from './addresses.ts';
import type { DelegationPorts } from './ports.ts';
import { serve } from './serve-zone.ts';
import { withdraw } from './withdraw-zone.ts';

/**
 * Brings the zone of a delegated domain to what its claim and the DNS above it say; to be repeated
 * until it is there, and safe to be repeated at any time.
 *
 * A zone is made, or given to another label, only while every server above the domain names the
 * label's own name server and no other; a label has addresses only while the zone is its own. So a
 * delegation that is left behind leads nowhere, and gives nothing to whoever claims the domain next.
 *
 * @throws Conflict, Throttled, ZoneUnavailable, to be tried again
 */
export async function maintainZone(
  request: DelegationRequest,
  ports: DelegationPorts,
): Promise<void> {
  const { domain, label } = request;
  const [claim, zone] = await Promise.all([
    ports.claims.getByLabel(label),
    ports.zones.get(domain),
  ]);
  if (claim?.lifecycle === 'live' && isDelegated(claim) && (await isDelegatedTo(claim, ports))) {
    return serve(claim, zone, request, ports);
  }
  // Another label has the zone, or none has: whatever a pass that was overtaken left goes.
  if (zone?.label !== label) return removeAddresses(label, ports);
  return isOver(claim) ? withdraw(zone, ports) : undefined;
}

/** Returns true if nothing is to be served any more: not so while a deletion can be undone. */
const isOver = (claim: Claim | undefined): boolean =>
  claim === undefined ||
  !isDelegated(claim) ||
  claim.lifecycle === 'tombstone' ||
  claim.lifecycle === 'expired' ||
  (claim.lifecycle === 'live' && claim.status === 'lost');

/** Returns true if every server above that answers, and one at least, names the label's server alone. */
async function isDelegatedTo(
  { domain, label }: Pick<DelegatedZone, 'domain' | 'label'>,
  { resolver, deployment }: DelegationPorts,
): Promise<boolean> {
  const own = nameServerOf(label, deployment.zone);
  const answers = answered(await resolver.delegatedTo(domain));
  return (
    answers.length > 0 &&
    answers.every(({ values, cnames }) => cnames.length === 0 && values.join() === own)
  );
}
