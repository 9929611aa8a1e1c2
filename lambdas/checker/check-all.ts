import { runCheck, type CheckOutcome } from '#shared/app/checks/run-check.ts';
import type { CheckPorts } from '#shared/app/checks/ports.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { CheckRequest, IdentityRequest, Queue } from '#shared/app/ports/queues.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { slicesOf } from '#shared/core/slices.ts';

export interface CheckerPorts extends CheckPorts {
  readonly clock: Clock;
  readonly log: (event: CheckerEvent) => void;
}

/**
 * - `moved`: a claim's status changed. `retired`: its time was over.
 * - `failed`: the check could not be made; its message comes again.
 */
export type CheckerEvent =
  | ({ readonly kind: 'moved'; readonly domain: DomainName } & NonNullable<
      CheckOutcome['transition']
    >)
  | { readonly kind: 'buried'; readonly domain: DomainName }
  | { readonly kind: 'failed'; readonly body: string; readonly error: unknown };

/** Domains of one message about identities: ten messages then fill a call of SES, which takes 100. */
const DOMAINS_A_MESSAGE = 10;

/**
 * Checks the claims that messages name, each once, all at a time: a check mostly waits for DNS.
 * Their requests about SES identities go on together.
 *
 * @param bodies of the messages, a `CheckRequest` each
 * @returns the indexes of the messages that failed and must come again
 */
export async function checkAll(ports: CheckerPorts, bodies: readonly string[]): Promise<number[]> {
  const checks = new Map<string, Promise<boolean>>();
  const toMaintain = new Set<DomainName>();
  const collecting: CheckerPorts = {
    ...ports,
    identityQueue: {
      send: async (requests) => requests.forEach(({ domain }) => toMaintain.add(domain)),
    },
  };
  const done = await Promise.all(
    bodies.map((body) => {
      const known = checks.get(body);
      const check = known ?? attempt(collecting, body);
      checks.set(body, check);
      return check;
    }),
  );
  try {
    await sendTogether(ports.identityQueue, [...toMaintain]);
  } catch (error) {
    ports.log({ kind: 'failed', body: 'of the identities to check', error });
    return bodies.map((_, index) => index);
  }
  return done.flatMap((ok, index) => (ok ? [] : [index]));
}

async function sendTogether(
  queue: Queue<IdentityRequest>,
  domains: readonly DomainName[],
): Promise<void> {
  const requests = slicesOf(domains, DOMAINS_A_MESSAGE).flatMap(
    ([domain, ...others]): IdentityRequest[] =>
      domain === undefined ? [] : [{ domain, ...(others.length === 0 ? {} : { others }) }],
  );
  if (requests.length > 0) await queue.send(requests, { group: () => 'identities' });
}

async function attempt(ports: CheckerPorts, body: string): Promise<boolean> {
  try {
    await check(ports, JSON.parse(body) as CheckRequest);
    return true;
  } catch (error) {
    ports.log({ kind: 'failed', body, error });
    return false;
  }
}

/** A request whose claim is gone, or is another one by now, is the last for its label. */
async function check(ports: CheckerPorts, request: CheckRequest): Promise<void> {
  const { domain, label } = request;
  const claim = await ports.claims.get(request);
  if (claim === undefined || claim.label !== label) {
    // A burial that was cut short may have left the identity.
    await ports.identityQueue.send([{ domain }], { group: () => 'identities' });
    await ports.checks.forget(label);
    return;
  }
  const outcome = await runCheck(claim, ports, ports.clock.now());
  if (outcome.transition !== undefined) {
    ports.log({ kind: 'moved', domain, ...outcome.transition });
  }
  const { lifecycle } = outcome.claim;
  if (lifecycle === 'tombstone' || lifecycle === 'expired') ports.log({ kind: 'buried', domain });
}
