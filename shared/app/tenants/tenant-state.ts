import { retry, retryLimits } from '#shared/async/retry.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import {
  activeState,
  close,
  isOperatorsDecision,
  resume,
  suspend,
  type Decider,
  type TenantState,
} from '#shared/core/model/tenant-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Tenant, TenantStore } from '../ports/tenant-store.ts';
import { releaseHeld, type ReleasePorts } from '../sending/release-held.ts';

export interface StatePorts extends ReleasePorts {
  readonly tenants: Pick<TenantStore, 'get' | 'changeState'>;
  readonly clock: Clock;
}

/** A tenant in its new state, and the number of held mails that were queued by that. */
export interface Decided<T extends Tenant = Tenant> {
  readonly tenant: T & { readonly state: TenantState };
  readonly released: number;
}

/** A decision about a tenant: whose it is, and the reason, for whoever asks later. */
interface Decision {
  readonly id: TenantId;
  readonly by: Decider;
  readonly reason: string;
}

/**
 * Suspends a tenant: within a second nothing of it is signed, and it may only read.
 *
 * @throws Refusal `not-found`; `account-closed` where it is closed
 */
export async function suspendTenant(
  { id, by, reason }: Decision,
  ports: StatePorts,
): Promise<Decided> {
  const tenant = await change(id, ports, (state, at) => {
    if (state.status !== 'closed') return suspend(state, reason, at, by);
    throw new Refusal('account-closed', `The tenant ${id} is closed; resume it first.`);
  });
  return { tenant, released: 0 };
}

/**
 * Makes a suspended or closed tenant active again, and has its held mail sent or refused. To be done
 * again where it was interrupted.
 *
 * @param refuseHeld true if the mail that the suspension held is to be refused
 * @throws Refusal `not-found`; `operators-decision` where a platform would undo the operator's
 */
export async function resumeTenant(
  { id, by }: Pick<Decision, 'id' | 'by'>,
  { refuseHeld = false }: { readonly refuseHeld?: boolean | undefined },
  ports: StatePorts,
): Promise<Decided> {
  const tenant = await change(id, ports, (state, at) => {
    if (by === 'operator' || !isOperatorsDecision(state)) return resume(state, at, refuseHeld);
    throw new Refusal(
      'operators-decision',
      `The operator of the service made this tenant ${state.status}, and only the operator can resume it: ${state.reason ?? 'no reason was given'}`,
    );
  });
  return { tenant, released: await releaseHeld(ports, tenant.id) };
}

/**
 * Closes a tenant: it may do nothing, and mail that still waits is refused.
 *
 * @throws Refusal `not-found`
 */
export async function closeTenant(
  { id, by, reason }: Decision,
  ports: StatePorts,
): Promise<Decided> {
  const tenant = await change(id, ports, (state, at) => close(state, reason, at, by));
  return { tenant, released: await releaseHeld(ports, tenant.id) };
}

const change = (
  id: TenantId,
  { tenants, clock }: StatePorts,
  next: (state: TenantState, at: string) => TenantState,
): Promise<Decided['tenant']> =>
  retry(retryLimits.conflict, async () => {
    const tenant = await tenants.get(id);
    if (tenant === undefined) throw new Refusal('not-found', `There is no tenant ${id}.`);
    const state = next(tenant.state ?? activeState, clock.now().toISOString());
    if (state !== tenant.state) await tenants.changeState(tenant, state);
    return { ...tenant, state };
  });
