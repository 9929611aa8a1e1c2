import { requestCheck, type RequestCheckPorts } from '#shared/app/checks/request-check.ts';
import type { CheckStore } from '#shared/app/ports/check-store.ts';
import type { Claim, ClaimKey } from '#shared/core/model/claim.ts';
import { requireClaim, requireLive } from './require-claim.ts';
import type { DomainPorts } from './ports.ts';

/** Most checks end within a second; what takes longer is polled by the caller. */
const TIMEOUT_MS = 2_000;
/** Requests of one tenant that wait at once: each holds a copy of the function meanwhile. */
const MOST_WAITING = 2;
/** The interval of the reads of the check's result, each strongly consistent. */
const POLL_MS = 200;

type CheckPorts = Pick<DomainPorts, 'budgets' | 'claims' | 'retryTime'> &
  RequestCheckPorts & { readonly checks: Pick<CheckStore, 'get'> };

/** A claim, and whether a check that was asked for has ended. */
export interface Checked {
  /** Read after the check, where it has ended. */
  readonly claim: Claim;
  /** False while the check is yet to end; what is known then is from one that began earlier. */
  readonly isDone: boolean;
  /** ISO 8601: a result that is as old or newer answers the request. */
  readonly requestedAt: string;
}

/**
 * Returns true if a result answers the request: the check may have ended between the last read of it
 * and the reading of what is answered, and a caller who reads that very result would wait for
 * another.
 *
 * @param checkedAt of what is answered
 */
export const isAnswered = (
  { isDone, requestedAt }: Pick<Checked, 'isDone' | 'requestedAt'>,
  checkedAt: string | null,
): boolean => isDone || (checkedAt !== null && checkedAt >= requestedAt);

/**
 * Queues a check of a claim's records, and waits up to 2 s for the result of one that began now or
 * later.
 *
 * @throws Refusal `not-found`, `domain-deleting`
 */
export async function checkDomain(key: ClaimKey, ports: CheckPorts): Promise<Checked> {
  const claim = await requireClaim(key, ports.claims);
  requireLive(claim);
  return awaitCheck(claim, ports);
}

/**
 * Queues a check of a live claim, and waits up to 2 s for its result, where no other request does,
 * and at most one of another domain of the tenant.
 *
 * @throws BudgetExceeded `checks`
 */
export async function awaitCheck(claim: Claim, ports: CheckPorts): Promise<Checked> {
  const { tenant, domain } = claim;
  const lease = await ports.budgets.leaseUnlessTaken(tenant, 'checks', domain);
  const at = await requestCheck(claim, ports);
  // Another request waits for a check of it, or did a moment ago: this one is served by the next.
  if (lease === undefined || lease.open > MOST_WAITING) {
    return { claim: await requireClaim(claim, ports.claims), isDone: false, requestedAt: at };
  }
  const giveUpAt = Date.parse(at) + TIMEOUT_MS;
  for (;;) {
    const state = await ports.checks.get(claim.label);
    const isDone = state?.result !== undefined && state.result.checkedAt >= at;
    if (isDone || ports.clock.now().getTime() >= giveUpAt) {
      // A claim whose time is over ends with the check that finds that out.
      return { claim: await requireClaim(claim, ports.claims), isDone, requestedAt: at };
    }
    await ports.retryTime.sleep(POLL_MS);
  }
}
