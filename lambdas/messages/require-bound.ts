import { Refusal } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';

/**
 * Returns a domain that the credential is for.
 *
 * @param boundTo absent: all of the tenant's
 * @throws Refusal `forbidden`
 */
export function requireBound(
  domain: DomainName,
  boundTo: readonly DomainName[] | undefined,
): DomainName {
  if (boundTo === undefined || boundTo.includes(domain)) return domain;
  throw new Refusal('forbidden', `This credential is for ${boundTo.join(', ')} only.`);
}
