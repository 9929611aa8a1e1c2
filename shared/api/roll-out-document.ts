import type { Claim } from '#shared/core/model/claim.ts';
import { ownSources } from '#shared/core/dmarc/roll-out.ts';
import type { DomainDocument } from './routes/domain-schemas.ts';

type Dmarc = NonNullable<DomainDocument['dmarc']>;

/** The plan that raises a claim's policy, and how the policy came to be what it is. */
export function rollOutDocument({
  rollOut,
  policyHistory = [],
}: Pick<Claim, 'rollOut' | 'policyHistory'>): Pick<Dmarc, 'plan' | 'history'> {
  return { plan: planDocument(rollOut), history: policyHistory.map((step) => ({ ...step })) };
}

function planDocument(rollOut: Claim['rollOut']): Dmarc['plan'] {
  if (rollOut === undefined) return null;
  const { startsAt, ceiling, consent, confirmed, ignored, since, held } = rollOut;
  return {
    startsAt,
    ceiling,
    consent: { reject: consent.reject ?? null, none: consent.none ?? null },
    confirmed: [...confirmed],
    ignored: [...ignored],
    known: [...ownSources(rollOut)].sort(),
    since: { ...since },
    held: held === undefined ? null : { ...held, sources: [...held.sources] },
  };
}
