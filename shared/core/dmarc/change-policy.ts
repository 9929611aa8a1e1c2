import type { DmarcPolicy } from '../model/dmarc-policy.ts';
import { reportsHost, type Deployment } from '../model/deployment.ts';
import { levelOf } from './enforcement.ts';
import { Refusal } from '../model/errors.ts';

/** The tags to set; null resets a tag to its default, an absent one stays. */
export type DmarcChange = {
  readonly [Tag in Exclude<keyof DmarcPolicy, 'psd' | 'p'>]?: DmarcPolicy[Tag] | null;
} & { readonly p?: DmarcPolicy['p'] };

/** Receivers send to the first few at most (RFC 9990 §3). */
const MOST_ADDRESSES = 5;
const LONGEST_URI = 200;
/** An address that needs no quoting, and no character that ends a URI in a DMARC record (RFC 9989 §4.7). */
const mailto = /^mailto:[a-z0-9.#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}$/i;

/**
 * The policy after a change. One of `p` that leaves `sp` out is for subdomains too.
 *
 * @param present undefined until DNS has answered; the change must then give `p`
 * @throws Refusal `dmarc-invalid`
 */
export function changePolicy(
  present: DmarcPolicy | undefined,
  change: DmarcChange,
  deployment: Pick<Deployment, 'zone'>,
): DmarcPolicy {
  const p = change.p ?? present?.p;
  if (p === undefined) {
    throw invalid('p', 'the policy in effect today is not known yet; give p');
  }
  const merged = Object.entries({ ...present, ...withSubdomains(present, change), p }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const policy = Object.fromEntries(merged) as unknown as DmarcPolicy;
  if (!/^[01ds](:[01ds])*$/.test(policy.fo ?? '0')) {
    throw invalid('fo', 'give 0, 1, d, s, or several of them with colons between');
  }
  return {
    ...policy,
    ...addresses('rua', policy.rua, deployment),
    ...addresses('ruf', policy.ruf, deployment),
  };
}

/**
 * A change of `p` alone is one for subdomains too: a stricter `sp` stays, a milder or equal one would
 * outlive the step and goes.
 */
function withSubdomains(present: DmarcPolicy | undefined, change: DmarcChange): DmarcChange {
  if (change.p === undefined || change.sp !== undefined || present?.sp === undefined) return change;
  return levelOf(present.sp) > levelOf(change.p) ? change : { ...change, sp: null };
}

function addresses(
  tag: 'rua' | 'ruf',
  uris: readonly string[] | undefined,
  { zone }: Pick<Deployment, 'zone'>,
): Partial<DmarcPolicy> {
  if (uris === undefined) return {};
  const distinct = [...new Set(uris)];
  if (distinct.length > MOST_ADDRESSES) {
    throw invalid(tag, `give at most ${MOST_ADDRESSES} addresses`);
  }
  for (const uri of distinct) {
    if (!mailto.test(uri) || uri.length > LONGEST_URI) {
      throw invalid(tag, `"${uri.slice(0, 80)}" is not mailto: and a plain address`);
    }
    if (uri.toLowerCase().endsWith(`@${reportsHost(zone)}`)) {
      throw invalid(tag, 'the address of this service is put in by itself; leave it out');
    }
  }
  return { [tag]: distinct };
}

const invalid = (tag: string, why: string): Refusal =>
  new Refusal('dmarc-invalid', `The DMARC policy cannot be changed: ${tag}: ${why}.`);
