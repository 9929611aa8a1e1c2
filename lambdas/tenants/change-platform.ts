import { retry, retryLimits } from '#shared/async/retry.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { PlatformId } from '#shared/core/model/names.ts';
import { parseOrigin, type Platform } from '#shared/core/model/platform.ts';
import type { TenantRoutePorts } from './ports.ts';

type Ports = Pick<TenantRoutePorts, 'platforms'>;

/** @throws Refusal `not-found` */
export async function requirePlatform(id: PlatformId, { platforms }: Ports): Promise<Platform> {
  const platform = await platforms.get(id);
  if (platform === undefined) throw new Refusal('not-found', 'Your platform was removed.');
  return platform;
}

/**
 * Replaces the origins of the pages that may use a platform's tokens.
 *
 * @param given as received
 * @throws Refusal `invalid-body` where one is no origin
 */
export function changeOrigins(
  id: PlatformId,
  given: readonly string[],
  ports: Ports,
): Promise<Platform> {
  const origins = [...new Set(given.map(parseOrigin))];
  return retry(retryLimits.conflict, async () => {
    const before = await requirePlatform(id, ports);
    await ports.platforms.setOrigins(before, origins);
    return { ...before, origins };
  });
}
