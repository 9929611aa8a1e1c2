import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import * as states from '#shared/app/tenants/tenant-state.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { CommandError } from './command.ts';
import { tenantOf } from './tenants.ts';

export type { Decided } from '#shared/app/tenants/tenant-state.ts';

export interface StatePorts extends states.StatePorts {
  readonly tenants: Pick<TenantStore, 'list' | 'get' | 'changeState'>;
}

/**
 * Suspends the tenant of a name or an id.
 *
 * @throws CommandError where there is no such tenant, or it is closed
 */
export const suspendTenant = (
  nameOrId: string,
  reason: string | undefined,
  ports: StatePorts,
): Promise<states.Decided> =>
  decided(nameOrId, ports, (id) =>
    states.suspendTenant({ id, by: 'operator', reason: required(reason) }, ports),
  );

/**
 * Resumes the tenant of a name or an id.
 *
 * @throws CommandError where there is no such tenant
 */
export const resumeTenant = (
  nameOrId: string,
  options: { readonly refuseHeld?: boolean },
  ports: StatePorts,
): Promise<states.Decided> =>
  decided(nameOrId, ports, (id) => states.resumeTenant({ id, by: 'operator' }, options, ports));

/**
 * Closes the tenant of a name or an id.
 *
 * @throws CommandError where there is no such tenant
 */
export const closeTenant = (
  nameOrId: string,
  reason: string | undefined,
  ports: StatePorts,
): Promise<states.Decided> =>
  decided(nameOrId, ports, (id) =>
    states.closeTenant({ id, by: 'operator', reason: required(reason) }, ports),
  );

function required(reason: string | undefined): string {
  if (reason !== undefined && reason.trim() !== '') return reason;
  throw new CommandError('Say why, for whoever asks later: --reason "..."');
}

type TenantIdOf = Awaited<ReturnType<typeof tenantOf>>['id'];

async function decided(
  nameOrId: string,
  { tenants }: StatePorts,
  decide: (id: TenantIdOf) => Promise<states.Decided>,
): Promise<states.Decided> {
  const { id } = await tenantOf(nameOrId, tenants);
  try {
    return await decide(id);
  } catch (error) {
    if (error instanceof Refusal) throw new CommandError(error.message);
    throw error;
  }
}
