import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { kindOf } from '#shared/core/records/customer-records.ts';
import { describeClaim } from './describe-claims.ts';
import type { DomainPorts } from './ports.ts';

type Ports = Parameters<typeof describeClaim>[1] & Pick<DomainPorts, 'retryTime'>;

/** Amazon SES gives its value a second or two after the claim, unless many come at once. */
const AWAITED_MS = 30_000;
const TIMEOUT_MS = 15_000;
const POLL_MS = 250;

/** Returns true if `describeComplete` would wait. */
export const hasToWait = (claim: Claim, document: DomainDocument, now: Date): boolean =>
  !isComplete(document) && now.getTime() < Date.parse(claim.createdAt) + AWAITED_MS;

/**
 * Returns the document of a claim with the value of every record. It waits for a young claim's SES
 * value and first check, which shows existing SPF, so that no copied list lacks either. After 15 s,
 * or where it is not to be expected soon, the document is given as it is.
 */
export async function describeComplete(claim: Claim, ports: Ports): Promise<DomainDocument> {
  const { clock, retryTime } = ports;
  const now = () => clock.now().getTime();
  const deadline = Math.min(now() + TIMEOUT_MS, Date.parse(claim.createdAt) + AWAITED_MS);
  for (;;) {
    const document = await describeClaim(claim, ports);
    if (isComplete(document) || now() >= deadline) return document;
    await retryTime.sleep(POLL_MS);
  }
}

/** A record that was checked has a code, or is right. */
const isComplete = ({ records }: DomainDocument): boolean =>
  records.every(
    ({ purpose, status, code }) =>
      status !== 'preparing' &&
      !(kindOf({ purpose }).isMerged && status === 'unknown' && code === null),
  );
