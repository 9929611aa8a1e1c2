import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import type { DomainPorts } from './ports.ts';

export interface DkimRequest {
  /** True if the private halves of keys that retire from now on are published. */
  readonly disclosure: boolean;
}

/**
 * The claim with its tenant's consent to disclosure given or withdrawn. A consent that is given again
 * after it was withdrawn is another one, which covers none of the keys that waited by the first.
 *
 * @throws Refusal `disclosure-not-offered`
 */
export function changedDkim(
  claim: Claim,
  { disclosure }: DkimRequest,
  { discloses, clock }: Pick<DomainPorts, 'discloses' | 'clock'>,
): Claim {
  const { disclosure: before, ...rest } = claim;
  if (!disclosure) return rest;
  if (!discloses) {
    throw new Refusal(
      'disclosure-not-offered',
      'This service publishes no private keys: they are destroyed when a key retires. Ask its operator.',
    );
  }
  return { ...rest, disclosure: before ?? { consentedAt: clock.now().toISOString() } };
}

/**
 * Destroys the private halves that wait to be published. A key under check is left: without the
 * consent that check destroys it.
 */
export async function forgetWaiting(
  { label }: Claim,
  { disclosures }: Pick<DomainPorts, 'disclosures'>,
): Promise<void> {
  const { waiting } = await disclosures.of(label);
  for (const key of waiting) {
    try {
      await disclosures.forget(key);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
    }
  }
}
