import { retry, retryLimits } from '#shared/async/retry.ts';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import type { ClaimKey } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { labelOfShareToken, openedBy, withShareLink } from '#shared/core/model/share-link.ts';
import { describeClaim } from './describe-claims.ts';
import type { DomainPorts } from './ports.ts';
import { requireClaim, requireLive } from './require-claim.ts';

/**
 * Makes a link that shows a domain's records, and nothing else, to anyone who has it.
 *
 * @throws Refusal `not-found`, `domain-deleting`
 * @throws Conflict where others write the claim each time
 */
export async function shareRecords(
  key: ClaimKey,
  { claims, random, clock }: Pick<DomainPorts, 'claims' | 'random' | 'clock'>,
): Promise<{ token: string; expiresAt: string }> {
  return retry(retryLimits.conflict, async () => {
    const claim = await requireClaim(key, claims);
    requireLive(claim);
    const { claim: next, token, expiresAt } = withShareLink(claim, random.bytes(32), clock.now());
    await claims.update(claim, next);
    return { token, expiresAt };
  });
}

/** The content behind a link: the records to be published, and their statuses. */
export type SharedRecords = Pick<DomainDocument, 'name' | 'records'> & { expiresAt: string };

/**
 * The records behind a link.
 *
 * @throws Refusal `not-found`, the same for a link that expired, was ended or never was
 */
export async function sharedRecords(
  token: string,
  ports: Parameters<typeof describeClaim>[1] & Pick<DomainPorts, 'claims'>,
): Promise<SharedRecords> {
  const label = labelOfShareToken(token);
  const claim = label && (await ports.claims.getByLabel(label));
  const link = claim && openedBy(claim, token, ports.clock.now());
  if (claim === undefined || link === undefined) {
    throw new Refusal(
      'not-found',
      'This link is not valid any more. Ask whoever sent it for a new one.',
    );
  }
  const { name, records } = await describeClaim(claim, ports);
  return { name, records, expiresAt: link.expiresAt };
}
