import { setTimeout as pause } from 'node:timers/promises';
import { Refusal, Throttled } from '#shared/domain/errors.ts';
import { newKeyRing, type KeyRing, type SlotKey } from '#shared/domain/key-ring.ts';
import { keyIdOf, type DomainName, type Selector, type TenantId } from '#shared/domain/names.ts';
import type { DomainPorts } from './ports.ts';

type ForgePorts = Pick<DomainPorts, 'deployment' | 'forge' | 'clock' | 'random'>;

/** How long a request waits for KMS, whose 20 RSA pairs a second all requests share. */
const PATIENCE_MS = 20_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

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
  const deadline = Date.now() + PATIENCE_MS;
  return newKeyRing(
    await Promise.all([
      forge(zero, owner, deadline, ports),
      forge(one, owner, deadline, ports),
      forge(two, owner, deadline, ports),
    ]),
  );
}

async function forge(
  selector: Selector,
  { tenant, domain }: { tenant: TenantId; domain: DomainName },
  deadline: number,
  { forge, clock, random }: ForgePorts,
): Promise<SlotKey> {
  const id = keyIdOf(random.bytes(16));
  const context = { tenant, domain, selector, keyId: id };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const pair = await forge.generate('rsa-sha256', context);
      return {
        id,
        selector,
        algorithm: 'rsa-sha256',
        publicKey: pair.publicKeySpki.toString('base64'),
        wrappedPrivateKey: pair.wrappedPrivateKey.toString('base64'),
        createdAt: clock.now().toISOString(),
      };
    } catch (error) {
      if (!(error instanceof Throttled)) throw error;
      const wait = Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
      if (Date.now() + wait > deadline) {
        throw new Refusal('busy', 'Many domains are being claimed just now; try again.', 10);
      }
      await pause(wait);
    }
  }
}
