import type { SendingStatus } from '#shared/core/model/check.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Identity, IdentityStore, SesIdentities } from '#shared/app/ports/identities.ts';
import type { IdentityRequest } from '#shared/app/ports/queues.ts';
import { readApart } from '#shared/app/stored-items.ts';
import { retry, throttledUntil, type RetryTime } from '#shared/async/retry.ts';
import { slicesOf } from '#shared/core/slices.ts';
import { HOUR_MS } from '#shared/core/time.ts';

export interface IdentityPorts extends RetryTime {
  readonly deployment: Pick<Deployment, 'bounceLabel'>;
  readonly claims: Pick<ClaimStore, 'hasClaims'>;
  readonly identities: IdentityStore;
  readonly ses: SesIdentities;
  /** Waits until SES may be called again. */
  readonly rateLimiter: () => Promise<void>;
  readonly log: (event: IdentityEvent) => void;
}

/**
 * - `made`: SES was asked to verify the domain. `removed`: its last claim is gone.
 * - `moved`: SES reports another status. `given-up`: SES did not find its record for 72 h.
 * - `failed`: the work could not be done; its message comes again.
 */
export type IdentityEvent =
  | { readonly kind: 'made' | 'removed' | 'given-up'; readonly domain: DomainName }
  | { readonly kind: 'moved'; readonly domain: DomainName; readonly to: SendingStatus }
  | { readonly kind: 'failed'; readonly what: string; readonly error: unknown };

/**
 * The greatest age of a status: that of a confirmed identity, which hardly changes, and any other.
 */
const READY_KEPT_MS = HOUR_MS;
const KEPT_MS = 5_000;
/** The most identities of one SES call. */
const IDENTITIES_A_CALL = 100;

/**
 * Brings the SES identities of domains to what they should be: there while the domain has a claim,
 * and gone after its last. Level-triggered: the messages only name the domains, in any order and
 * any number. All that are waited for are polled in one call.
 *
 * @param bodies of the messages, an `IdentityRequest` each
 * @param deadline epoch milliseconds after which no throttled call is tried again
 * @returns the indexes of the messages that failed and must come again
 */
export async function maintainAll(
  ports: IdentityPorts,
  bodies: readonly string[],
  deadline: number,
): Promise<number[]> {
  const named = bodies.map((body) => domainsIn(body, ports));
  const distinct = [...new Set(named.flatMap((domains) => domains ?? []))];
  const failed = await maintain(ports, distinct, deadline);
  return named.flatMap((domains, index) =>
    domains === undefined || domains.some((domain) => failed.has(domain)) ? [index] : [],
  );
}

/** @returns undefined where the message cannot be read */
function domainsIn(body: string, { log }: IdentityPorts): DomainName[] | undefined {
  try {
    const { domain, others = [] } = JSON.parse(body) as IdentityRequest;
    return [domain, ...others];
  } catch (error) {
    log({ kind: 'failed', what: 'reading a message', error });
    return undefined;
  }
}

async function maintain(
  ports: IdentityPorts,
  domains: readonly DomainName[],
  deadline: number,
): Promise<Set<DomainName>> {
  const failed = new Set<DomainName>();
  const doing = async (
    what: string,
    concerned: readonly DomainName[],
    work: () => Promise<void>,
  ) => {
    try {
      await work();
    } catch (error) {
      ports.log({ kind: 'failed', what, error });
      for (const domain of concerned) failed.add(domain);
    }
  };
  const { found: known, malformed } = await readApart(domains, (some) =>
    ports.identities.getMany(some),
  );
  const waiting: Identity[] = [];
  for (const domain of domains) {
    await doing(`the identity of ${domain}`, [domain], async () => {
      const error = malformed.get(domain);
      if (error !== undefined) throw error;
      const identity = known.get(domain);
      if (!(await ports.claims.hasClaims(domain))) {
        if (identity !== undefined) await remove(ports, domain, deadline);
      } else if (identity === undefined) await make(ports, domain, deadline);
      else if (isOld(identity, ports)) waiting.push(identity);
    });
  }
  for (const some of slicesOf(waiting, IDENTITIES_A_CALL)) {
    const polled = some.map(({ domain }) => domain);
    await doing('polling identities', polled, async () => {
      const statuses = await call(ports, deadline, () => ports.ses.status(polled));
      for (const identity of some) {
        const { domain } = identity;
        await doing(`the identity of ${domain}`, [domain], () =>
          settle(ports, identity, statuses.get(domain), deadline),
        );
      }
    });
  }
  return failed;
}

const isOld = ({ status, polledAt }: Identity, { clock }: IdentityPorts): boolean =>
  clock.now().getTime() - Date.parse(polledAt) >= (status === 'ready' ? READY_KEPT_MS : KEPT_MS);

/** One call of SES's control plane, in its turn. */
const call = <T>(ports: IdentityPorts, deadline: number, work: () => Promise<T>): Promise<T> =>
  retry(
    throttledUntil(deadline),
    async () => {
      await ports.rateLimiter();
      return work();
    },
    ports,
  );

/** Noted last, so that what was cut short in between is done over. */
async function make(ports: IdentityPorts, domain: DomainName, deadline: number): Promise<void> {
  const { ses, deployment, identities, clock } = ports;
  const mailFrom = `${deployment.bounceLabel}.${domain}`;
  const token = await call(ports, deadline, () => ses.verify(domain));
  await call(ports, deadline, () => ses.setMailFrom(domain, mailFrom));
  const at = clock.now().toISOString();
  await identities.put({
    domain,
    status: 'preparing',
    token,
    mailFrom,
    requestedAt: at,
    // SES has not been asked for its status: the first poll need not wait.
    polledAt: new Date(0).toISOString(),
  });
  ports.log({ kind: 'made', domain });
}

async function remove(ports: IdentityPorts, domain: DomainName, deadline: number): Promise<void> {
  await call(ports, deadline, () => ports.ses.delete(domain));
  await ports.identities.delete(domain);
  ports.log({ kind: 'removed', domain });
}

/** @param status SES's answer; undefined where it knows no such identity */
async function settle(
  ports: IdentityPorts,
  identity: Identity,
  status: SendingStatus | undefined,
  deadline: number,
): Promise<void> {
  const { domain } = identity;
  if (status === 'failed') ports.log({ kind: 'given-up', domain });
  if (status === undefined || status === 'failed') return make(ports, domain, deadline);
  const polledAt = ports.clock.now().toISOString();
  await ports.identities.put({ ...identity, status, polledAt });
  if (status !== identity.status) ports.log({ kind: 'moved', domain, to: status });
}
