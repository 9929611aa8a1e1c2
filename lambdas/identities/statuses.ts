import { Throttled } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { slicesOf } from '#shared/core/slices.ts';
import type { SesIdentity } from '#shared/app/ports/identities.ts';
import type { Batch } from './batch.ts';

/** The most identities of one SES call. */
const IDENTITIES_A_CALL = 100;

export interface Statuses {
  /** Absent where SES knows no such identity. */
  readonly seen: Map<DomainName, SesIdentity>;
  /** The error of each domain that could not be asked about. */
  readonly failed: Map<DomainName, unknown>;
}

/**
 * Asks SES about many domains in as few calls as it allows. Where a call fails, each half is asked
 * about by itself, so that one domain's failure is no other's.
 */
export async function statusesOf(batch: Batch, domains: readonly DomainName[]): Promise<Statuses> {
  const statuses: Statuses = { seen: new Map(), failed: new Map() };
  for (const some of slicesOf(domains, IDENTITIES_A_CALL)) await ask(batch, some, statuses);
  return statuses;
}

async function ask(
  batch: Batch,
  domains: readonly DomainName[],
  statuses: Statuses,
): Promise<void> {
  try {
    const found = await batch.call((ses) => ses.status(domains));
    for (const [domain, identity] of found) statuses.seen.set(domain, identity);
  } catch (error) {
    if (domains.length <= 1 || error instanceof Throttled || batch.isOver()) {
      for (const domain of domains) statuses.failed.set(domain, error);
      return;
    }
    const middle = Math.ceil(domains.length / 2);
    await ask(batch, domains.slice(0, middle), statuses);
    await ask(batch, domains.slice(middle), statuses);
  }
}
