import type { View } from '#shared/core/audit/view.ts';
import type { Claim, ClaimKey } from '#shared/core/model/claim.ts';
import type { Change } from '#shared/core/audit/entry.ts';
import type { RingKey } from '#shared/core/model/key-ring.ts';

/** Digits of a hash that distinguish links of one domain. */
const HASH_DIGITS = 12;

/** What the audit log has of a claim: what its tenant decides, what follows from it, and its keys. */
export function claimView(claim: Claim): View {
  const { dmarc, rollOut, sources, spf } = claim;
  return {
    lifecycle: claim.lifecycle,
    status: claim.status,
    statusReason: claim.statusReason?.reason,
    hosting: claim.hosting ?? 'service',
    purpose: claim.purpose ?? 'sending',
    'spf.mechanisms': spf.mechanisms,
    'spf.all': spf.all ?? '~all',
    'spf.flattened': (spf.flattened ?? []).map(({ include, since }) => ({ include, since })),
    dmarc: dmarc && { ...dmarc },
    'dmarc.plan': rollOut && {
      startsAt: rollOut.startsAt,
      ceiling: rollOut.ceiling,
      consent: { ...rollOut.consent },
    },
    'dmarc.confirmed': (rollOut ?? sources)?.confirmed,
    'dmarc.ignored': (rollOut ?? sources)?.ignored,
    shareLinks: (claim.shareLinks ?? []).map(({ hash, expiresAt }) => ({
      id: hash.slice(0, HASH_DIGITS),
      expiresAt,
    })),
    disclosure: claim.disclosure?.consentedAt,
    ...Object.fromEntries(claim.keys.map((key) => [`keys.${key.selector}`, keyView(key)])),
  };
}

const keyView = ({ id, state, algorithm, prepared }: RingKey) => ({
  id,
  state,
  algorithm,
  prepared: prepared?.id,
});

/** The change of a claim, in the log of its tenant; retired it is gone. */
export const claimChange = (before: Claim | undefined, after: Claim | undefined): Change => {
  const { tenant, domain } = (after ?? before) as ClaimKey;
  return {
    owner: tenant,
    subject: 'domain',
    id: domain,
    before: before && claimView(before),
    after: after && claimView(after),
  };
};
