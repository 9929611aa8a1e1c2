import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import type { Identity, IdentityStore, IdentityView } from './ports/identities.ts';
import type { IdentityRequest, Queue } from './ports/queues.ts';

type Viewed = Pick<Claim, 'domain' | 'label' | 'ownIdentityView'>;

/**
 * What each claim sees of its domain's SES identity: its own view. Claims of releases up to 0.2 have
 * none until their next turn, and see the domain's identity as they did.
 */
export async function identityViews(
  claims: readonly Viewed[],
  identities: Pick<IdentityStore, 'views' | 'getMany'>,
): Promise<Map<Label, IdentityView>> {
  const views = await identities.views(claims.map(({ label }) => label));
  const earlier = claims.filter(
    ({ label, ownIdentityView }) => ownIdentityView !== true && !views.has(label),
  );
  if (earlier.length === 0) return views;
  const found = await identities.getMany([...new Set(earlier.map(({ domain }) => domain))]);
  for (const { domain, label } of earlier) {
    const identity = found.get(domain);
    if (identity?.token !== undefined) views.set(label, viewOf(identity, label));
  }
  return views;
}

const viewOf = ({ status, token, mailFrom, polledAt }: Identity, label: Label): IdentityView => ({
  label,
  status,
  ...(token === undefined ? {} : { token }),
  hasMailFrom: mailFrom !== undefined,
  polledAt,
});

/** The message group of what the service itself asks for. */
const SERVICE_GROUP = 'service';

/** Enqueues turns at SES, each in its tenant's group, so that the many of one hold up no other. */
export const sendIdentityRequests = (
  queue: Queue<IdentityRequest>,
  requests: readonly IdentityRequest[],
  delaySeconds?: number,
): Promise<void> =>
  queue.send(requests, {
    group: ({ claim }) => claim?.tenant ?? SERVICE_GROUP,
    ...(delaySeconds === undefined ? {} : { delaySeconds }),
  });

/** The request for a turn of a claim. */
export const turnOf = ({
  tenant,
  domain,
  label,
}: Pick<Claim, 'tenant' | 'domain' | 'label'>): IdentityRequest => ({
  domain,
  claim: { tenant, label },
});

/** The request for a turn of the service itself. */
export const turnAbout = (domain: DomainName): IdentityRequest => ({ domain });
