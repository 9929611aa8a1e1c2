import { rotatesAt, standingOf } from '#shared/api/domain-document.ts';
import type { DomainInShort, OverviewDocument } from '#shared/api/routes/domain-schemas.ts';
import { readApart } from '#shared/app/stored-items.ts';
import { isParked, type Claim } from '#shared/core/model/claim.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import type { LastCheck } from '#shared/app/ports/check-store.ts';
import type { DomainName, Label, TenantId } from '#shared/core/model/names.ts';
import { newReputation, type Reputation } from '#shared/core/model/reputation.ts';
import type { DomainPorts } from './ports.ts';

type OverviewPorts = Pick<DomainPorts, 'claims' | 'checks' | 'reputations' | 'clock'>;

/**
 * A page of a tenant's domains in short. It reads the claims, the mail figures by one query, and of
 * checks only those of domains that are at risk.
 *
 * @throws Refusal `invalid-cursor`
 */
export async function readOverview(
  tenant: TenantId,
  page: { readonly cursor?: string; readonly limit: number },
  { claims, checks, reputations, clock }: OverviewPorts,
): Promise<OverviewDocument> {
  const now = clock.now();
  const [{ claims: listed, cursor }, mail] = await Promise.all([
    claims.list(tenant, page),
    reputations.ofTenant(tenant, now.toISOString()),
  ]);
  const risky = listed.filter(({ status }) => status === 'at-risk').map(({ label }) => label);
  const found = await lastChecks(risky, checks);
  return {
    domains: listed.map((claim) => inShort(claim, found.get(claim.label), mail.domains, now)),
    mail: mailOf(mail.whole),
    cursor: cursor ?? null,
  };
}

/** Checks that one batch read takes. */
const BATCH = 100;

async function lastChecks(
  labels: readonly Label[],
  checks: OverviewPorts['checks'],
): Promise<ReadonlyMap<Label, LastCheck>> {
  const batches = Array.from({ length: Math.ceil(labels.length / BATCH) }, (_, index) =>
    labels.slice(index * BATCH, (index + 1) * BATCH),
  );
  const read = await Promise.all(
    batches.map((batch) => readApart(batch, (some) => checks.results(some))),
  );
  return new Map(read.flatMap(({ found }) => [...found]));
}

const inShort = (
  claim: Claim,
  check: Parameters<typeof standingOf>[1],
  mail: ReadonlyMap<DomainName, Reputation>,
  now: Date,
): DomainInShort => ({
  name: claim.domain,
  ...standingOf(claim, check),
  lifecycle: claim.lifecycle === 'live' ? 'live' : 'deleting',
  hosting: claim.hosting ?? 'service',
  purpose: claim.purpose ?? 'sending',
  dmarc: claim.dmarc?.p ?? null,
  policyHeld: claim.rollOut?.held !== undefined,
  selector: isParked(claim) ? null : (currentKey(claim.keys)?.selector ?? null),
  rotatesAt: rotatesAt(claim, now)?.toISOString() ?? null,
  mail: mailOf(mail.get(claim.domain) ?? newReputation),
});

const mailOf = ({ counts, standing }: Reputation): DomainInShort['mail'] => ({
  outcomes: counts.outcomes,
  bounced: counts.bounced,
  complained: counts.complained,
  standing,
});
