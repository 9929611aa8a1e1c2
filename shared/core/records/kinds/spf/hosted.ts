import { isParked, type Claim, type SpfSettings } from '../../../model/claim.ts';
import type { Deployment } from '../../../model/deployment.ts';
import { composeSpfChain, NEUTRAL_ALL } from '../../../spf/compose.ts';
import { ownLookups, shortest } from '../../../spf/mechanism.ts';
import {
  below,
  hostedText,
  isGone,
  type HostedPart,
  type HostedName,
} from '../../hosted-record.ts';

/** The most records that the hosted SPF of one claim is spread over. */
const SPF_RECORDS = 3;

/** Returns our name that the customer's SPF record includes: the service's senders and what they added. */
export const hostedSpfName = (hostedName: HostedName): string => below('_spf', hostedName);

/** Returns the names of the whole chain, of which the first is `hostedSpfName`: `_spf`, `_spf1`, `_spf2`. */
export const hostedSpfNames = (hostedName: HostedName): string[] =>
  Array.from({ length: SPF_RECORDS }, (_, index) => below(`_spf${index || ''}`, hostedName));

type SpfClaim = Pick<Claim, 'label' | 'shard' | 'spf' | 'purpose'>;
type Senders = Pick<Deployment, 'senders'>;

/**
 * The chain. Records that it no longer needs, and all of a claim that is gone, say nothing of anybody:
 * an include of a name without a record is a permerror for the customer's whole SPF (RFC 7208 §5.2).
 */
export const hostedSpf: HostedPart = {
  most: SPF_RECORDS,
  records: (claim, deployment) => {
    const texts = spfTexts(claim, deployment);
    const kept = Math.max(texts.length, claim.spf.records ?? 1);
    const shown = isGone(claim) ? [] : texts;
    return hostedSpfNames(claim)
      .slice(0, kept)
      .map((name, index) => hostedText(name, shown[index] ?? `v=spf1 ${NEUTRAL_ALL}`));
  },
};

/**
 * The texts of the records that the chain needs, in order; the first is at `hostedSpfName`.
 *
 * @throws Refusal `spf-too-long`
 */
export const spfTexts = (claim: SpfClaim, deployment: Senders): string[] =>
  composeSpfChain(
    hostedSpfNames(claim),
    allMechanisms(claim, deployment),
    claim.spf.all ?? (isParked(claim) ? '-all' : '~all'),
  );

/**
 * Counts the most lookups that a customer's SPF record with our include takes for our part: the
 * include itself, the chain, and each of our terms that causes one. Those within a third party's
 * include come on top and are theirs.
 *
 * @throws Refusal `spf-too-long`
 */
export const promisedLookups = (claim: SpfClaim, deployment: Senders): number =>
  spfTexts(claim, deployment).length + ownLookups(allMechanisms(claim, deployment));

/** A parked domain has none: nobody sends for it. */
const allMechanisms = ({ spf, purpose }: SpfClaim, { senders }: Senders): string[] =>
  isParked({ purpose }) ? [] : shortest([...senders, ...publishedMechanisms(spf)]);

/**
 * A claim's SPF settings with the length of its chain noted, to be kept from then on.
 *
 * @throws Refusal `spf-too-long`
 */
export function withChain(claim: SpfClaim, deployment: Senders): SpfSettings {
  const records = Math.max(claim.spf.records ?? 1, spfTexts(claim, deployment).length);
  return records === 1 ? claim.spf : { ...claim.spf, records };
}

/** A customer's mechanisms with addresses in place of the includes that are flattened. */
export function publishedMechanisms({ mechanisms, flattened = [] }: SpfSettings): string[] {
  const addressesOf = new Map(flattened.map(({ include, addresses }) => [include, addresses]));
  return mechanisms.flatMap((mechanism) => addressesOf.get(mechanism) ?? [mechanism]);
}
