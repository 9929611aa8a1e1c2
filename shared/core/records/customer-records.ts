import { isSelfHosted, type Claim } from '../model/claim.ts';
import type { Deployment } from '../model/deployment.ts';
import { registrableDomain, type DomainName } from '../model/names.ts';
import type { RingKey } from '../model/key-ring.ts';
import { composeSpf, type SpfAll } from '../spf/compose.ts';
import { hostedNames, hostedRecords } from './hosted-records.ts';

export type RecordPurpose = 'dkim' | 'ses-identity' | 'mail-from' | 'dmarc' | 'spf';

/** A record that the customer publishes once, in their own DNS. */
export interface CustomerRecord {
  /** Stable for the life of the claim: `dkim-zero`, `ses-identity`, `mail-from-mx`, `spf` ... */
  readonly id: string;
  readonly purpose: RecordPurpose;
  /** Full name, lower case, no trailing dot. */
  readonly name: string;
  readonly type: 'CNAME' | 'MX' | 'TXT';
  /**
   * As in DNS, names lower case and without a trailing dot: a CNAME's target, an MX's `10 host`, a
   * TXT's text in one piece. Undefined while it is not known yet.
   */
  readonly value: string | undefined;
  /** Whether sending waits for it; the others are recommended. */
  readonly required: boolean;
  /** A sentence for the person who is to create it. */
  readonly why: string;
}

/** What of a claim the records that point at ours depend on. */
export interface PublishedClaim extends Pick<Claim, 'domain' | 'label' | 'shard'> {
  readonly keys: readonly Pick<RingKey, 'selector'>[];
  readonly spf: Pick<Claim['spf'], 'all'>;
}

/**
 * The records that a customer publishes for a claim: those that point at ours or, where the claim
 * hosts its keys and DMARC policy itself, what lies there as text to copy.
 *
 * @param identity the domain's SES identity, undefined while SES has not given its token
 */
export function customerRecords(
  claim: Claim,
  identity: { readonly token: string } | undefined,
  deployment: Deployment,
): CustomerRecord[] {
  const records = pointingRecords(claim, identity, deployment);
  if (!isSelfHosted(claim)) return records;
  const hosted = hostedRecords(claim, deployment);
  return records.map((record) => {
    if (record.type !== 'CNAME') return record;
    const value = hosted.find(({ name }) => name === record.value)?.values[0];
    return { ...record, type: 'TXT', value, why: ownWhy[record.purpose] ?? record.why };
  });
}

const ownWhy: Partial<Record<RecordPurpose, string>> = {
  dkim: 'The key that receivers verify your mail by; it is nobody else’s, so it proves that the domain is yours. We tell you when it is to be changed.',
  dmarc:
    'Your DMARC policy, which starts as the one in effect today, with our address for reports. Another valid DMARC record is fine too; there can be only one.',
};

/**
 * The records by which a customer's names point at ours: three at the keys, those that SES asks for,
 * and those that make DMARC and SPF ours to keep right.
 *
 * @param identity the domain's SES identity, undefined while SES has not given its token
 */
export function pointingRecords(
  claim: PublishedClaim,
  identity: { readonly token: string } | undefined,
  deployment: Deployment,
): CustomerRecord[] {
  const { domain } = claim;
  const bounces = `${deployment.bounceLabel}.${domain}`;
  return [
    ...claim.keys.map(({ selector }): CustomerRecord => ({
      id: `dkim-${selector}`,
      purpose: 'dkim',
      name: `${selector}._domainkey.${domain}`,
      type: 'CNAME',
      value: hostedNames.key(claim, selector),
      required: true,
      why: 'Lets receivers find the key that your mail is signed with, and proves that the domain is yours.',
    })),
    {
      id: 'ses-identity',
      purpose: 'ses-identity',
      name: `_amazonses.${domain}`,
      type: 'TXT',
      value: identity?.token,
      required: true,
      why: 'Lets Amazon SES send mail from your domain.',
    },
    {
      id: 'mail-from-mx',
      purpose: 'mail-from',
      name: bounces,
      type: 'MX',
      value: `10 feedback-smtp.${deployment.region}.amazonses.com`,
      required: false,
      why: 'Takes in bounces under your own domain, so that SPF is aligned with it.',
    },
    {
      id: 'mail-from-spf',
      purpose: 'mail-from',
      name: bounces,
      type: 'TXT',
      value: including(bounces, hostedNames.mailFrom(claim)),
      required: false,
      why: 'Says which servers send with the bounce address of your domain; we keep the list behind it right.',
    },
    {
      id: 'dmarc',
      purpose: 'dmarc',
      name: `_dmarc.${domain}`,
      type: 'CNAME',
      value: hostedNames.dmarc(claim),
      required: false,
      why: whyDmarc(domain),
    },
    {
      id: 'spf',
      purpose: 'spf',
      name: domain,
      type: 'TXT',
      value: including(domain, hostedNames.spf(claim), claim.spf.all),
      required: false,
      why: 'Says which servers send for your domain. Where the domain has an SPF record already, change that one: two records are an error.',
    },
  ];
}

/** A record below a domain takes the place of that domain's policy, and may be weaker one day. */
function whyDmarc(domain: DomainName): string {
  const above = registrableDomain(domain);
  const optional =
    above === domain
      ? ''
      : ` Without it the policy of ${above} for its subdomains holds, which is fine too.`;
  return `Lets us keep your DMARC policy, which starts as the one in effect today. A valid DMARC record of your own is fine too; it cannot stand beside this one.${optional}`;
}

const including = (name: string, host: string, all: SpfAll = '~all'): string =>
  composeSpf(name, [`include:${host}`], all);
