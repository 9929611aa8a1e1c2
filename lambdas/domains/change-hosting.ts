import { answered } from '#shared/core/model/lookup.ts';
import { isProven, type Claim, type Hosting } from '#shared/core/model/claim.ts';
import { requireNoPlan } from '#shared/app/claims/require-no-plan.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';

/**
 * The claim with its keys and DMARC policy hosted by the service, or by the customer, while nothing
 * is lost by that. To `self` at any time: names that point at us are right there too, and are
 * replaced at leisure. To `service`, once the domain is proven, only when all three slots point at
 * us already: a key that the customer copied proves nothing there.
 *
 * @throws Refusal `cnames-not-seen`; `dmarc-invalid` where a plan raises the policy, which it can do
 *   in our DNS only
 */
export async function changedHosting(
  claim: Claim,
  hosting: Hosting,
  resolver: Pick<Resolver, 'authoritative'>,
): Promise<Claim> {
  if (hosting === (claim.hosting ?? 'service')) return claim;
  if (hosting === 'self') {
    requireNoPlan(claim);
    return { ...claim, hosting };
  }
  if (isProven(claim)) await requireCnames(claim, resolver);
  const { hosting: _, ...rest } = claim;
  return { ...rest, keys: withoutOwn(claim.keys) };
}

/** The customer no longer needs to publish the prepared key: the rotation makes another. */
const withoutOwn = (keys: KeyRing): KeyRing =>
  keys.map(({ prepared: _withdrawn, seenSince: _seen, ...key }) => key) as unknown as KeyRing;

/** @throws Refusal `cnames-not-seen` */
async function requireCnames(
  claim: Claim,
  resolver: Pick<Resolver, 'authoritative'>,
): Promise<void> {
  const lookups = await Promise.all(
    claim.keys.map(async ({ selector }) => {
      const name = `${selector}._domainkey.${claim.domain}`;
      const target = hostedKeyName(claim, selector);
      const answers = answered(await resolver.authoritative(name, 'TXT'));
      const isSeen = answers.length > 0 && answers.every(({ cnames }) => cnames[0] === target);
      return isSeen ? [] : [`${name} to ${target}`];
    }),
  );
  const unseen = lookups.flat();
  if (unseen.length === 0) return;
  throw new Refusal(
    'cnames-not-seen',
    `The DKIM records of ${claim.domain} must point at us before we host its keys. Replace these TXT records by CNAME records, one after the other, and ask again once your DNS shows them: ${unseen.join('; ')}.`,
  );
}
