import { apiKeyOf, apiKeyPrefix, hashApiKey, isApiKey } from '#shared/core/model/api-key.ts';
import { tenantIdOf, type TenantId } from '#shared/core/model/names.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import { allScopes } from '#shared/core/model/scopes.ts';
import type { ApiKey, Tenant, TenantStore } from '#shared/app/ports/tenant-store.ts';
import { CommandError } from './command.ts';

export interface TenantPorts {
  readonly tenants: TenantStore;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Makes a tenant with its first key.
 *
 * @throws CommandError where a tenant has the name already, since keys are made by name
 */
export async function createTenant(name: string, ports: TenantPorts): Promise<Issued> {
  const known = await ports.tenants.list();
  const same = known.find(({ tenant }) => tenant.name === name);
  if (same) {
    throw new CommandError(
      `There is a tenant "${name}" already (${same.tenant.id}). Give it a further key with: key ${same.tenant.id}`,
    );
  }
  const id = tenantIdOf(ports.random.bytes(16));
  const tenant = { id, name, createdAt: ports.clock.now().toISOString() };
  const { key, stored } = newKey(id, ports);
  await ports.tenants.create(tenant, stored);
  return { tenant, key };
}

/** @throws CommandError where no one tenant has this name or id */
export async function tenantOf(
  nameOrId: string,
  tenants: Pick<TenantStore, 'list'>,
): Promise<Tenant> {
  const found = (await tenants.list())
    .map(({ tenant }) => tenant)
    .filter(({ id, name }) => id === nameOrId || name === nameOrId);
  const [tenant] = found;
  if (tenant === undefined) {
    throw new CommandError(`There is no tenant "${nameOrId}"; see the names and ids with: list`);
  }
  if (found.length > 1) {
    throw new CommandError(
      `Several tenants have the name "${nameOrId}"; give an id: ${found.map(({ id }) => id).join(', ')}`,
    );
  }
  return tenant;
}

/** @throws CommandError where no one tenant has this name or id */
export async function issueKey(nameOrId: string, ports: TenantPorts): Promise<Issued> {
  const tenant = await tenantOf(nameOrId, ports.tenants);
  const { key, stored } = newKey(tenant.id, ports);
  await ports.tenants.addKey(stored);
  return { tenant, key };
}

/**
 * Revokes a key; it is refused from the next request on.
 *
 * @param given the key's prefix, its SHA-256 in hex, or the key itself
 * @throws CommandError where no one key is meant
 */
export async function revokeApiKey(
  given: string,
  { tenants, clock }: Pick<TenantPorts, 'tenants' | 'clock'>,
): Promise<{ tenant: Tenant; revoked: ApiKey }> {
  const hash = isApiKey(given) ? hashApiKey(given) : given;
  const found = (await tenants.list()).flatMap(({ tenant, keys }) =>
    keys.filter((key) => key.prefix === given || key.hash === hash).map((key) => ({ tenant, key })),
  );
  const [meant] = found;
  if (meant === undefined) {
    throw new CommandError('There is no such key; see the prefixes with: list');
  }
  if (found.length > 1) {
    throw new CommandError(
      `Several keys have this prefix; give the hash of one:\n${found.map(({ key }) => `  ${key.hash}`).join('\n')}`,
    );
  }
  await tenants.revoke(meant.key.hash, clock.now().toISOString());
  return { tenant: meant.tenant, revoked: meant.key };
}

export interface Issued {
  readonly tenant: Tenant;
  /** The key itself, which is kept nowhere. */
  readonly key: string;
}

function newKey(tenant: TenantId, { clock, random }: TenantPorts): { key: string; stored: ApiKey } {
  const key = apiKeyOf(random.bytes(32));
  const stored: ApiKey = {
    hash: hashApiKey(key),
    tenant,
    prefix: apiKeyPrefix(key),
    scopes: allScopes,
    madeBy: { kind: 'operator' },
    createdAt: clock.now().toISOString(),
  };
  return { key, stored };
}
