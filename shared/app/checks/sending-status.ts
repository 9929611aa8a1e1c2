import type { SendingStatus } from '#shared/core/model/check.ts';
import { isProven, type Claim } from '#shared/core/model/claim.ts';
import type { IdentityView } from '../ports/identities.ts';

/**
 * Returns the `sending` of a domain as its tenant sees it: `preparing` until the claim is proven and
 * its mail has the domain's own MAIL FROM, unless it waits for the operator.
 *
 * @param view the claim's own, undefined before its first turn
 */
export function sendingStatus(
  claim: Claim,
  view: Pick<IdentityView, 'status' | 'hasMailFrom'> | undefined,
): SendingStatus {
  if (view?.status === 'held' && claim.lifecycle === 'live') return 'held';
  if (view === undefined || !isProven(claim)) return 'preparing';
  return view.status === 'ready' && view.hasMailFrom !== true ? 'preparing' : view.status;
}

/** Says what `held` means to a tenant, and nothing of the account or of others. */
export const HELD_HINT =
  'This domain needs a step by the operator of the service, who was notified. There is nothing for you to do here yet.';
