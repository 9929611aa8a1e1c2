import type { SendingStatus } from '#shared/core/model/check.ts';
import type { Claim } from '#shared/core/model/claim.ts';

/**
 * Returns the `sending` of a domain as its tenant sees it. An unproven claim is `preparing` in any
 * case: its identity may be another tenant's, of which nothing may be revealed.
 *
 * @param identity the domain's, undefined where there is none yet
 */
export function sendingStatus(
  { status, lifecycle }: Pick<Claim, 'status' | 'lifecycle'>,
  identity: { readonly status: SendingStatus } | undefined,
): SendingStatus {
  const proven = lifecycle === 'live' && (status === 'verified' || status === 'at-risk');
  return proven ? (identity?.status ?? 'preparing') : 'preparing';
}
