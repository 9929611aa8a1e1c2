import { retry, retryLimits } from '#shared/async/retry.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { parseDomainName, type TenantId } from '#shared/core/model/names.ts';
import type { SampleApi } from './api.ts';
import type { CastDomain } from './cast.ts';
import type { SamplePorts } from './ports.ts';
import type { Past } from './time.ts';

/** A tenant that the sample gives domains. */
export interface SampleTenant {
  readonly id: TenantId;
  readonly api: SampleApi;
  readonly domains: readonly CastDomain[];
}

/** Where the sample is written. */
export interface Stage {
  readonly ports: SamplePorts;
  /** The folder of the customers' zone files. */
  readonly customerDns: string;
  readonly past: Past;
}

/** Domains that are worked on at a time. */
export const AT_ONCE = { tasks: 8 };
/** Milliseconds in which what is awaited of the service comes about. */
export const LIMIT_MS = 600_000;

/** Writes a claim as it follows from the one that is stored. */
export const changeClaim = (
  tenant: TenantId,
  name: string,
  write: (claim: Claim) => Promise<void>,
  { ports }: Stage,
): Promise<void> =>
  retry({ ...retryLimits.conflict, tries: 10 }, async () => {
    const claim = await ports.claims.get({ tenant, domain: parseDomainName(name) });
    if (claim === undefined) throw new Error(`${name} is not claimed`);
    await write(claim);
  });
