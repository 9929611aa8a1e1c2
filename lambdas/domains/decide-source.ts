import { retry, retryLimits } from '#shared/async/retry.ts';
import {
  decideSource as decided,
  type SourceDecision,
} from '#shared/core/dmarc/source-decisions.ts';
import type { Claim, ClaimKey } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { DomainPorts } from './ports.ts';
import { requireClaim, requireLive } from './require-claim.ts';

/**
 * Writes what the customer says of a source, by one conditional write of its own claim. The same
 * again writes nothing.
 *
 * @param source its id in the reports
 * @throws Refusal `not-found`, `domain-deleting`, `invalid-parameter`, `invalid-body`
 * @throws Conflict where others write the claim each time
 */
export async function decideSource(
  key: ClaimKey,
  source: string,
  decision: SourceDecision,
  { claims }: Pick<DomainPorts, 'claims'>,
): Promise<Claim> {
  const id = sourceId(source);
  return retry(retryLimits.conflict, async () => {
    const claim = await requireClaim(key, claims);
    requireLive(claim);
    const next = decided(claim, id, decision);
    if (sameDecisions(claim, next)) return claim;
    const written: Claim = { ...next, version: claim.version + 1 };
    await claims.update(claim, written);
    return written;
  });
}

const sameDecisions = (before: Pick<Claim, 'rollOut' | 'sources'>, next: typeof before): boolean =>
  JSON.stringify([before.rollOut, before.sources]) === JSON.stringify([next.rollOut, next.sources]);

/** Mail of these is of many hosts, so that it is nobody's own. */
const undecidable: ReadonlySet<string> = new Set(['forwarded', 'others']);

/** @throws Refusal `invalid-parameter` */
function sourceId(text: string): string {
  const id = text.trim().toLowerCase();
  if (/^[a-z0-9._:-]{1,253}$/.test(id) && !undecidable.has(id)) return id;
  throw new Refusal(
    'invalid-parameter',
    'Give the id of a source as the reports have it: ses, a domain or an address. Forwarded mail is of no source of its own.',
  );
}
