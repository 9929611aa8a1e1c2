import type { SlotKey } from '#shared/core/model/key-ring.ts';
import {
  keyIdOf,
  type DomainName,
  type Selector,
  type TenantId,
} from '#shared/core/model/names.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { KeyForge } from '../ports/key-vault.ts';

export interface ForgePorts {
  readonly forge: KeyForge;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Makes a key for a slot of a claim, bound to tenant, domain, selector and its own id.
 *
 * @throws Throttled
 */
export async function forgeKey(
  selector: Selector,
  { tenant, domain }: { readonly tenant: TenantId; readonly domain: DomainName },
  { forge, clock, random }: ForgePorts,
): Promise<SlotKey> {
  const id = keyIdOf(random.bytes(16));
  const pair = await forge.generate('rsa-sha256', { tenant, domain, selector, keyId: id });
  return {
    id,
    selector,
    algorithm: 'rsa-sha256',
    publicKey: pair.publicKeySpki.toString('base64'),
    wrappedPrivateKey: pair.wrappedPrivateKey.toString('base64'),
    createdAt: clock.now().toISOString(),
  };
}
