import type { Brand } from '#shared/core/model/brand.ts';
import type { ContactDetails } from '#shared/core/model/contact.ts';
import { tenantIdOf, type PlatformId } from '#shared/core/model/names.ts';
import { parseExternalId } from '#shared/core/model/platform.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { PlatformStore, PlatformTenant } from '../ports/platform-store.ts';

export interface NewTenant {
  readonly platform: PlatformId;
  /** As received. */
  readonly externalId: string;
  readonly name?: string | undefined;
  readonly contacts?: readonly ContactDetails[] | undefined;
  readonly brand?: Brand | undefined;
}

/**
 * Makes a tenant of a platform; the one that has the external id already, unchanged, where there is
 * one. It has no API key: the platform acts for it, and may make one then.
 *
 * @throws Refusal `invalid-body` where the external id cannot be one
 */
export async function createPlatformTenant(
  { platform, externalId: given, name, contacts, brand }: NewTenant,
  {
    platforms,
    clock,
    random,
  }: {
    readonly platforms: Pick<PlatformStore, 'addTenant'>;
    readonly clock: Clock;
    readonly random: Random;
  },
): Promise<PlatformTenant> {
  const externalId = parseExternalId(given);
  return platforms.addTenant({
    id: tenantIdOf(random.bytes(16)),
    name: name ?? externalId,
    createdAt: clock.now().toISOString(),
    platform,
    externalId,
    ...(contacts === undefined || contacts.length === 0 ? {} : { contacts }),
    ...(brand === undefined ? {} : { brand }),
  });
}
