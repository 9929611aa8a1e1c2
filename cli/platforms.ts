import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { PlatformStore } from '#shared/app/ports/platform-store.ts';
import { platformIdOf, type PlatformId } from '#shared/core/model/names.ts';
import {
  hashPlatformKey,
  isPlatformKey,
  platformKeyOf,
  platformKeyPrefix,
  type Platform,
  type PlatformKey,
} from '#shared/core/model/platform.ts';
import { CommandError } from './command.ts';

export interface PlatformPorts {
  readonly platforms: Pick<PlatformStore, 'addKey' | 'create' | 'list' | 'revoke'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** A platform, and a key of it that is shown once. */
export interface IssuedPlatformKey {
  readonly platform: Platform;
  readonly key: string;
}

/**
 * Makes a platform with its first key.
 *
 * @throws CommandError where a platform has the name already, since keys are made by name
 */
export async function createPlatform(
  name: string,
  ports: PlatformPorts,
): Promise<IssuedPlatformKey> {
  const same = (await ports.platforms.list()).find(({ platform }) => platform.name === name);
  if (same) {
    throw new CommandError(
      `There is a platform "${name}" already (${same.platform.id}). Give it a further key with: key ${same.platform.id}`,
    );
  }
  const id = platformIdOf(ports.random.bytes(16));
  const platform = { id, name, createdAt: ports.clock.now().toISOString() };
  const { key, stored } = newPlatformKey(id, ports);
  await ports.platforms.create(platform, stored);
  return { platform, key };
}

/** @throws CommandError where no one platform has this name or id */
export async function platformOf(
  nameOrId: string,
  { list }: Pick<PlatformStore, 'list'>,
): Promise<Platform> {
  const found = (await list())
    .map(({ platform }) => platform)
    .filter(({ id, name }) => id === nameOrId || name === nameOrId);
  const [platform] = found;
  if (platform === undefined) {
    throw new CommandError(`There is no platform "${nameOrId}"; see the names and ids with: list`);
  }
  if (found.length > 1) {
    throw new CommandError(
      `Several platforms have the name "${nameOrId}"; give an id: ${found.map(({ id }) => id).join(', ')}`,
    );
  }
  return platform;
}

/** Makes a further key of a platform. @throws CommandError where no one platform is meant */
export async function issuePlatformKey(
  nameOrId: string,
  ports: PlatformPorts,
): Promise<IssuedPlatformKey> {
  const platform = await platformOf(nameOrId, ports.platforms);
  const { key, stored } = newPlatformKey(platform.id, ports);
  await ports.platforms.addKey(stored);
  return { platform, key };
}

/**
 * Revokes a platform key, and with it the tokens that it made.
 *
 * @param given the key's prefix, its SHA-256 in hex, or the key itself
 * @throws CommandError where no one key is meant
 */
export async function revokePlatformKey(
  given: string,
  { platforms, clock }: Pick<PlatformPorts, 'platforms' | 'clock'>,
): Promise<{ platform: Platform; revoked: PlatformKey }> {
  const hash = isPlatformKey(given) ? hashPlatformKey(given) : given;
  const found = (await platforms.list()).flatMap(({ platform, keys }) =>
    keys
      .filter((key) => key.prefix === given || key.hash === hash)
      .map((key) => ({ platform, revoked: key })),
  );
  const [meant] = found;
  if (meant === undefined) {
    throw new CommandError('There is no such key; see the prefixes with: list');
  }
  if (found.length > 1) {
    throw new CommandError(
      `Several keys have this prefix; give the hash of one:\n${found.map(({ revoked }) => `  ${revoked.hash}`).join('\n')}`,
    );
  }
  await platforms.revoke(meant.revoked.hash, clock.now().toISOString());
  return meant;
}

function newPlatformKey(
  platform: PlatformId,
  { clock, random }: PlatformPorts,
): { key: string; stored: PlatformKey } {
  const key = platformKeyOf(random.bytes(32));
  const stored: PlatformKey = {
    hash: hashPlatformKey(key),
    platform,
    prefix: platformKeyPrefix(key),
    createdAt: clock.now().toISOString(),
  };
  return { key, stored };
}
