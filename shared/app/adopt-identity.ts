import type { DomainName } from '#shared/core/model/names.ts';
import type { Clock } from './ports/clock.ts';
import type { Identity, IdentityStore, SesIdentities } from './ports/identities.ts';

export interface AdoptPorts {
  readonly identities: Pick<IdentityStore, 'get' | 'put' | 'all'>;
  readonly ses: Pick<SesIdentities, 'status'>;
  readonly clock: Clock;
}

/** Why an identity cannot be adopted or released; nothing was changed. */
export type NotAdopted = 'unknown-to-ses' | 'own' | 'not-adopted';

export interface Adoption {
  /** True if the identity keeps its MAIL FROM instead of getting the service's. */
  readonly keepsMailFrom: boolean;
  /** True if nothing is to be written. */
  readonly dryRun: boolean;
}

/**
 * Lets the service use an SES identity that it did not make: claims of the domain see its value, and
 * its MAIL FROM is set once one is proven. The service never deletes it.
 *
 * @throws Conflict where the identity function wrote it meanwhile
 */
export async function adoptIdentity(
  domain: DomainName,
  { keepsMailFrom, dryRun }: Adoption,
  { identities, ses, clock }: AdoptPorts,
): Promise<Identity | NotAdopted> {
  const known = await identities.get(domain);
  if (known !== undefined && known.stage !== 'foreign' && known.stage !== 'adopted') return 'own';
  const seen = (await ses.status([domain])).get(domain);
  if (seen === undefined) return 'unknown-to-ses';
  const at = clock.now().toISOString();
  const next = {
    domain,
    stage: 'adopted' as const,
    ...seen,
    ...(keepsMailFrom ? { keepsMailFrom } : {}),
    requestedAt: at,
    polledAt: at,
  };
  return dryRun ? { ...next, version: 0 } : identities.put(next, known);
}

/**
 * Takes an adoption back: the identity stays at SES as it is, and claims of the domain wait for the
 * operator again.
 *
 * @throws Conflict where the identity function wrote it meanwhile
 */
export async function releaseIdentity(
  domain: DomainName,
  { dryRun }: Pick<Adoption, 'dryRun'>,
  { identities }: Pick<AdoptPorts, 'identities'>,
): Promise<Identity | NotAdopted> {
  const known = await identities.get(domain);
  if (known?.stage !== 'adopted') return 'not-adopted';
  const { status, requestedAt, polledAt } = known;
  const next = { domain, stage: 'foreign' as const, status, requestedAt, polledAt };
  return dryRun ? { ...next, version: known.version } : identities.put(next, known);
}

/** The identities that the deployment did not make, in pages. */
export async function* notOwn({
  identities,
}: Pick<AdoptPorts, 'identities'>): AsyncIterable<Identity> {
  for await (const page of identities.all()) {
    yield* page.filter(({ stage }) => stage === 'foreign' || stage === 'adopted');
  }
}
