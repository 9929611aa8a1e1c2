import { runCheck, type CheckOutcome } from '#shared/app/checks/run-check.ts';
import { sendIdentityRequests, turnOf } from '#shared/app/identity-views.ts';
import type { CheckPorts } from '#shared/app/checks/ports.ts';
import type { CheckRequest, IdentityRequest, Queue } from '#shared/app/ports/queues.ts';
import type { DomainName } from '#shared/core/model/names.ts';

export interface CheckerPorts extends CheckPorts {
  readonly checkQueue: Queue<CheckRequest>;
  readonly log: (event: CheckerEvent) => void;
}

/**
 * - `moved`: a claim's status changed. `retired`: its time was over.
 * - `failed`: the check could not be made; its message comes again.
 * - `under-way`: another check of the claim has its lock, and queues the next one where this was
 *   asked for later.
 */
export type CheckerEvent =
  | ({ readonly kind: 'moved'; readonly domain: DomainName } & NonNullable<
      CheckOutcome['transition']
    >)
  | { readonly kind: 'buried'; readonly domain: DomainName }
  | { readonly kind: 'under-way'; readonly domain: DomainName }
  | { readonly kind: 'failed'; readonly body: string; readonly error: unknown };

/**
 * Checks the claims that messages name, each once, all at a time: a check mostly waits for DNS.
 * Their requests for turns at SES are sent together.
 *
 * @param bodies of the messages, a `CheckRequest` each
 * @returns the indexes of the messages that failed and must come again
 */
export async function checkAll(ports: CheckerPorts, bodies: readonly string[]): Promise<number[]> {
  const checks = new Map<string, Promise<boolean>>();
  const turns = new Map<string, IdentityRequest>();
  const collecting: CheckerPorts = {
    ...ports,
    identityQueue: {
      send: async (requests) => requests.forEach((one) => turns.set(JSON.stringify(one), one)),
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
    if (turns.size > 0) await sendIdentityRequests(ports.identityQueue, [...turns.values()]);
  } catch (error) {
    ports.log({ kind: 'failed', body: 'of the identities to check', error });
    return bodies.map((_, index) => index);
  }
  return done.flatMap((ok, index) => (ok ? [] : [index]));
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
    await sendIdentityRequests(ports.identityQueue, [turnOf(request)]);
    await ports.checks.forget(label);
    return;
  }
  const outcome = await runCheck(claim, ports, request.since);
  if (outcome === undefined) return ports.log({ kind: 'under-way', domain });
  if (outcome.again !== undefined) await queueAgain(request, outcome.again, ports);
  if (outcome.transition !== undefined) {
    ports.log({ kind: 'moved', domain, ...outcome.transition });
  }
  const { lifecycle } = outcome.claim;
  if (lifecycle === 'tombstone' || lifecycle === 'expired') ports.log({ kind: 'buried', domain });
}

/** A check that was asked for while this one was under way; its own message found the lock held. */
async function queueAgain(
  { tenant, domain, label }: CheckRequest,
  since: string,
  { checkQueue, clock }: CheckerPorts,
): Promise<void> {
  const wait = Math.max(0, Date.parse(since) - clock.now().getTime());
  const delaySeconds = Math.ceil(wait / 1000);
  await checkQueue.send([{ tenant, domain, label, since }], { delaySeconds });
}
