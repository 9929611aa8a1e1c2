import { runCheck, type CheckOutcome } from '#shared/checks/run-check.ts';
import type { CheckPorts } from '#shared/checks/ports.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { CheckRequest } from '#shared/ports/queues.ts';
import type { DomainName } from '#shared/domain/names.ts';

export interface CheckerPorts extends CheckPorts {
  readonly clock: Clock;
  readonly report: (event: CheckerEvent) => void;
}

/**
 * - `moved`: a claim's status changed. `buried`: its time was over.
 * - `failed`: the check could not be made; its message comes again.
 */
export type CheckerEvent =
  | ({ readonly kind: 'moved'; readonly domain: DomainName } & NonNullable<
      CheckOutcome['transition']
    >)
  | { readonly kind: 'buried'; readonly domain: DomainName }
  | { readonly kind: 'failed'; readonly body: string; readonly error: unknown };

/**
 * Checks the claims that messages name, each once, all at a time: a check mostly waits for DNS.
 *
 * @param bodies of the messages, a `CheckRequest` each
 * @returns the indexes of the messages that failed and must come again
 */
export async function checkAll(ports: CheckerPorts, bodies: readonly string[]): Promise<number[]> {
  const checks = new Map<string, Promise<boolean>>();
  const done = await Promise.all(
    bodies.map((body) => {
      const known = checks.get(body);
      const check = known ?? attempt(ports, body);
      checks.set(body, check);
      return check;
    }),
  );
  return done.flatMap((ok, index) => (ok ? [] : [index]));
}

async function attempt(ports: CheckerPorts, body: string): Promise<boolean> {
  try {
    await check(ports, JSON.parse(body) as CheckRequest);
    return true;
  } catch (error) {
    ports.report({ kind: 'failed', body, error });
    return false;
  }
}

/** A request whose claim is gone, or is another one by now, is the last that is heard of its label. */
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
    ports.report({ kind: 'moved', domain, ...outcome.transition });
  }
  const { lifecycle } = outcome.claim;
  if (lifecycle === 'tombstone' || lifecycle === 'expired')
    ports.report({ kind: 'buried', domain });
}
