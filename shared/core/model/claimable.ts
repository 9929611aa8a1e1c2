import { getPublicSuffix } from 'tldts';
import { Refusal } from './errors.ts';
import { isAtOrBelow, quoted, type DomainName } from './names.ts';

/**
 * The longest name that leaves room for the records below it: a selector of 63 characters and
 * `._domainkey.` within the 253 of a full name.
 */
const MAX_CLAIMABLE = 253 - 63 - '._domainkey.'.length;
/** Deeper names than any mail is sent from; bounds what one claim writes about the names above it. */
const MAX_CLAIMABLE_LABELS = 32;

/**
 * Refuses names that no customer may claim:
 *
 * - public suffixes, ICANN's and the private section's (`github.io` no, `me.github.io` yes)
 * - special-use names (RFC 6761) except `example` and `test`, which documentation and test networks
 *   use
 * - names too long or deep for their records
 * - the service's own zone; the operator's domain above it is claimed like any other
 *
 * @param ownZone the deployment's zone, whose names no customer may claim
 * @throws Refusal `domain-is-public-suffix` or `domain-not-claimable`
 */
export function requireClaimable(domain: DomainName, ownZone: DomainName): void {
  const notClaimable = (why: string) =>
    new Refusal('domain-not-claimable', `${quoted(domain)} cannot be claimed: ${why}.`);
  if (isAtOrBelow(domain, ownZone)) {
    throw notClaimable('it belongs to this service');
  }
  const special = specialUse.find((name) => isAtOrBelow(domain, name));
  if (special !== undefined) {
    throw notClaimable(`it lies under .${special}, which is not on the public internet`);
  }
  if (domain.length > MAX_CLAIMABLE) {
    throw notClaimable(
      `with more than ${MAX_CLAIMABLE} characters it leaves no room for the records below it`,
    );
  }
  if (domain.split('.').length > MAX_CLAIMABLE_LABELS) {
    throw notClaimable(`it has more than ${MAX_CLAIMABLE_LABELS} labels`);
  }
  if (getPublicSuffix(domain, { allowPrivateDomains: true }) === domain) {
    throw new Refusal(
      'domain-is-public-suffix',
      `"${domain}" is a public suffix that many parties register names under; claim the name that is yours, such as example.${domain}.`,
    );
  }
}

/** Special-use top-level names (RFC 6761, 6762, 7686, 9476; `arpa` is infrastructure) that no mail can come from. */
const specialUse = ['localhost', 'local', 'invalid', 'onion', 'arpa', 'internal', 'alt'];
