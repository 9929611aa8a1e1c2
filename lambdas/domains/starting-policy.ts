import { within } from '#shared/async/timeout.ts';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { initialPolicy } from '#shared/core/dmarc/initial-policy.ts';
import { policyInEffect } from '#shared/core/dmarc/policy-in-effect.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import type { DomainPorts } from './ports.ts';

const TIMEOUT_MS = 3_000;

/**
 * Returns the DMARC policy that a new claim starts with.
 *
 * @returns undefined where DNS did not answer within 3 s; the first check with an answer sets it
 */
export async function startingPolicy(
  domain: DomainName,
  {
    deployment,
    resolver,
  }: Pick<DomainPorts, 'deployment'> & { readonly resolver: Pick<Resolver, 'lookup'> },
  timeoutMs = TIMEOUT_MS,
): Promise<DmarcPolicy | undefined> {
  const found = policyInEffect(domain, (name) => resolver.lookup(name, 'TXT'));
  return initialPolicy(await within(timeoutMs, found, { kind: 'unknown' } as const), deployment);
}
