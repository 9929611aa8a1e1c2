/**
 * - `active`: uses the service.
 * - `suspended`: may read, and change nothing; nothing is signed, queued mail is held.
 * - `closed`: may do nothing; queued mail is refused.
 */
export type TenantStatus = 'active' | 'suspended' | 'closed';

/** Who decided: the operator, or the platform that made the tenant. */
export type Decider = 'operator' | 'platform';

/** The last decision about a tenant. */
export interface TenantState {
  readonly status: TenantStatus;
  /** Present where the platform suspended or closed it; absent: the operator did. */
  readonly by?: 'platform';
  /** When it got the status, ISO 8601, with the operator's reason; absent where it never had another. */
  readonly since?: string;
  readonly reason?: string;
  /** The suspensions, by their `since`, whose held mail is refused, not sent. */
  readonly refusedSuspensions?: readonly string[];
}

/** The state of a tenant about whom the operator never decided anything. */
export const activeState: TenantState = { status: 'active' };

/** Suspends; where it is suspended already, only the reason is new, since mail is held under `since`. */
export function suspend(
  state: TenantState,
  reason: string,
  at: string,
  by: Decider = 'operator',
): TenantState {
  if (state.status === 'suspended') return decidedAgain(state, reason, by);
  return withDecider({ ...kept(state), status: 'suspended', since: at, reason }, state, by);
}

/** The same status once more: the reason of the operator's own decision is the operator's to change. */
const decidedAgain = (state: TenantState, reason: string, by: Decider): TenantState =>
  by === 'platform' && isOperatorsDecision(state)
    ? state
    : { ...withDecider(state, state, by), reason };

/** What the operator decided stays the operator's, whoever decides more after it. */
function withDecider(next: TenantState, before: TenantState, by: Decider): TenantState {
  const { by: _, ...rest } = next;
  const isOperators = by === 'operator' || isOperatorsDecision(before);
  return isOperators ? rest : { ...rest, by: 'platform' };
}

/** Returns true if the operator suspended or closed the tenant, so that no platform may undo it. */
export const isOperatorsDecision = ({ status, by }: TenantState): boolean =>
  status !== 'active' && by === undefined;

/**
 * Makes a suspended or closed tenant active again.
 *
 * @param refuseHeld true if the mail that the suspension held is to be refused
 */
export function resume(state: TenantState, at: string, refuseHeld: boolean): TenantState {
  if (state.status === 'active') return state;
  const { refusedSuspensions = [], since } = state;
  const refused =
    refuseHeld && state.status === 'suspended' && since !== undefined
      ? [...refusedSuspensions, since]
      : refusedSuspensions;
  return {
    ...(refused.length === 0 ? {} : { refusedSuspensions: refused }),
    status: 'active',
    since: at,
  };
}

/** Closes; mail of a suspension before it is refused too. */
export function close(
  state: TenantState,
  reason: string,
  at: string,
  by: Decider = 'operator',
): TenantState {
  if (state.status === 'closed') return decidedAgain(state, reason, by);
  const { refusedSuspensions } = resume(state, at, true);
  const closed: TenantState = {
    ...(refusedSuspensions === undefined ? {} : { refusedSuspensions }),
    status: 'closed',
    since: at,
    reason,
  };
  return withDecider(closed, state, by);
}

const kept = ({ refusedSuspensions }: TenantState): Pick<TenantState, 'refusedSuspensions'> =>
  refusedSuspensions === undefined ? {} : { refusedSuspensions };

/** A hold of mail by a suspension of its tenant. */
export interface SuspensionHold {
  readonly code: 'account-suspended';
  /** When the mail was held, ISO 8601. */
  readonly since: string;
  /** The `since` of the tenant's suspension. */
  readonly suspension: string;
}

/**
 * The treatment of a due mail by the state of its tenant.
 *
 * - `send`: nothing is against it; `held` must be ended first if there is a hold.
 * - `hold`: under this suspension.
 * - `refuse`: the account is closed, or the operator had the held mail refused.
 */
export type MailVerdict =
  | { readonly kind: 'send' }
  | { readonly kind: 'hold'; readonly suspension: string }
  | { readonly kind: 'refuse'; readonly reason: string };

/** Decides by the tenant's state what becomes of a mail. @param hold that the mail has already */
export function mailVerdict(
  { status, since = '', refusedSuspensions = [] }: TenantState,
  hold: Pick<SuspensionHold, 'suspension'> | undefined,
): MailVerdict {
  if (status === 'closed') return { kind: 'refuse', reason: CLOSED };
  if (hold !== undefined && refusedSuspensions.includes(hold.suspension)) {
    return { kind: 'refuse', reason: REFUSED };
  }
  return status === 'suspended' ? { kind: 'hold', suspension: since } : { kind: 'send' };
}

/** The reason why a mail is held, for customers. */
export const ACCOUNT_SUSPENDED =
  'account-suspended: the operator of the service suspended the account; the mail waits until that ends.';
const CLOSED = 'account-closed: the account was closed before the mail could be sent.';
const REFUSED =
  'account-suspended: the account was suspended when the mail was due, and the operator of the service had the mail refused that was held. Submit it again.';
