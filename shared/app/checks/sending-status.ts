import type { SendingStatus } from '#shared/core/model/check.ts';
import type { Claim } from '#shared/core/model/claim.ts';

/**
 * The `sending` of a domain as its tenant sees it. For a claim that is not proven it is `preparing`
 * whatever SES says: the identity may be another tenant's doing, of which nothing may be told.
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
