import { within } from '#shared/async/timeout.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { initialDmarc } from '#shared/core/dmarc/initial-policy.ts';
import { policyInEffect } from '#shared/core/dmarc/policy-in-effect.ts';
import type { ClaimPorts } from './ports.ts';

const TIMEOUT_MS = 3_000;

/**
 * Returns the DMARC policy that a new claim starts with, and what that changes.
 *
 * @returns no policy where DNS did not answer within 3 s; the first check with an answer sets it
 */
export async function startingPolicy(
  domain: DomainName,
  { deployment, resolver }: Pick<ClaimPorts, 'deployment' | 'resolver'>,
  timeoutMs = TIMEOUT_MS,
): Promise<Pick<Claim, 'dmarc' | 'dmarcStart'>> {
  const found = policyInEffect(domain, (name) => resolver.lookup(name, 'TXT'));
  return initialDmarc(await within(timeoutMs, found, { kind: 'unknown' } as const), deployment);
}
