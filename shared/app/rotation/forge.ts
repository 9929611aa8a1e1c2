import { Refusal, Throttled } from '#shared/core/model/errors.ts';
import { newKeyRing, type KeyRing, type SlotKey } from '#shared/core/model/key-ring.ts';
import {
  keyIdOf,
  type DomainName,
  type Selector,
  type TenantId,
} from '#shared/core/model/names.ts';
import { retry, throttledUntil, type RetryTime } from '#shared/async/retry.ts';
import type { Random } from '../ports/clock.ts';
import type { KeyForge } from '../ports/key-vault.ts';

export interface ForgePorts {
  readonly forge: KeyForge;
  readonly retryTime: RetryTime;
  readonly random: Random;
}

/** The owner of a key. */
export interface KeyOwner {
  readonly tenant: TenantId;
  readonly domain: DomainName;
}

/**
 * Makes a key for a slot of a claim, bound to tenant, domain, selector and its own id. While KMS
 * throttles, it tries again.
 *
 * @param until epoch milliseconds after which it does not try again
 * @throws Throttled where KMS throttles to the end
 */
export function forgeKey(
  selector: Selector,
  { tenant, domain }: KeyOwner,
  { forge, retryTime, random }: ForgePorts,
  until: number,
): Promise<SlotKey> {
  const forgeOnce = async (): Promise<SlotKey> => {
    const id = keyIdOf(random.bytes(16));
    const pair = await forge.generate('rsa-sha256', { tenant, domain, selector, keyId: id });
    return {
      id,
      selector,
      algorithm: 'rsa-sha256',
      publicKey: pair.publicKeySpki.toString('base64'),
      wrappedPrivateKey: pair.wrappedPrivateKey.toString('base64'),
      createdAt: retryTime.clock.now().toISOString(),
    };
  };
  return retry(throttledUntil(until), forgeOnce, retryTime);
}

/** The time a request waits for KMS, whose 20 RSA pairs a second all requests share. */
const NEW_RING_MS = 20_000;

/**
 * Makes the three keys of a new claim, at once.
 *
 * @throws Refusal `busy` where KMS throttles for 20 s
 */
export async function forgeKeyRing(
  [zero, one, two]: readonly [Selector, Selector, Selector],
  owner: KeyOwner,
  ports: ForgePorts,
): Promise<KeyRing> {
  const until = ports.retryTime.clock.now().getTime() + NEW_RING_MS;
  const slot = (selector: Selector) => forgeKey(selector, owner, ports, until);
  try {
    return newKeyRing(await Promise.all([slot(zero), slot(one), slot(two)]));
  } catch (error) {
    if (!(error instanceof Throttled)) throw error;
    throw new Refusal('busy', 'Many domains are being claimed just now; try again.', 10);
  }
}
