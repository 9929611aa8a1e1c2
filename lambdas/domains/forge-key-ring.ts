import { Refusal, Throttled } from '#shared/core/model/errors.ts';
import { newKeyRing, type KeyRing } from '#shared/core/model/key-ring.ts';
import type { DomainName, Selector, TenantId } from '#shared/core/model/names.ts';
import { forgeKey } from '#shared/app/rotation/forge-key.ts';
import { retry, throttledUntil } from '#shared/async/retry.ts';
import type { DomainPorts } from './ports.ts';

type ForgePorts = Pick<DomainPorts, 'deployment' | 'forge' | 'clock' | 'random' | 'patience'>;

/** How long a request waits for KMS, whose 20 RSA pairs a second all requests share. */
const PATIENCE_MS = 20_000;

/**
 * Makes the three keys of a new claim, at once.
 *
 * @throws Refusal `busy` where KMS throttles for 20 s
 */
export async function forgeKeyRing(
  owner: { tenant: TenantId; domain: DomainName },
  ports: ForgePorts,
): Promise<KeyRing> {
  const [zero, one, two] = ports.deployment.selectors;
  const limits = throttledUntil(ports.clock.now().getTime() + PATIENCE_MS);
  const slot = (selector: Selector) =>
    retry(limits, () => forgeKey(selector, owner, ports), ports.patience);
  try {
    return newKeyRing(await Promise.all([slot(zero), slot(one), slot(two)]));
  } catch (error) {
    if (!(error instanceof Throttled)) throw error;
    throw new Refusal('busy', 'Many domains are being claimed just now; try again.', 10);
  }
}
