import { isParked } from '../../../model/claim.ts';
import type { DomainName } from '../../../model/names.ts';
import { registrableDomain } from '../../../model/registrable-domain.ts';
import type { RecordKind } from '../../kind.ts';
import { codes, type DmarcCode } from './codes.ts';
import { hostedDmarcName } from './hosted.ts';
import { resemblesDmarc } from './reading.ts';
import { besideOurCname, judgeDmarc } from './judge.ts';
import { judgeParkedDmarc } from './judge-parked.ts';

/** The domain's DMARC policy (RFC 9989): ours, or a valid one of the customer's own. */
export const dmarc = {
  title: 'DMARC',
  codes,
  published: (claim) => [
    {
      id: 'dmarc',
      name: `_dmarc.${claim.domain}`,
      type: 'CNAME',
      value: hostedDmarcName(claim),
      required: isParked(claim),
      why: isParked(claim) ? whyParked : why(claim.domain),
    },
  ],
  whyOwn:
    'Your DMARC policy, which starts as the one in effect today, with our address for reports. Another valid DMARC record is fine too; there can be only one.',
  judge: (record, lookup, setting) =>
    (record.required ? judgeParkedDmarc : judgeDmarc)(record, lookup, setting),
  besideCname: besideOurCname,
  isMeant: ({ value }, text) => text === value || resemblesDmarc(text),
  wrongNames: (_record, domain) => [
    `dmarc.${domain}`,
    `-dmarc.${domain}`,
    domain,
    `_dmarc.www.${domain}`,
  ],
  mayBeWritten: ({ status }) => status !== 'unknown',
  isReplaceable: true,
} satisfies RecordKind<DmarcCode>;

const whyParked =
  'Has receivers reject all mail from your domain, which sends nothing, and proves that the domain is yours.';

/** A record below a domain takes the place of that domain's policy, and may be weaker one day. */
function why(domain: DomainName): string {
  const above = registrableDomain(domain);
  const optional =
    above === domain
      ? ''
      : ` Without it the policy of ${above} for its subdomains holds, which is fine too.`;
  return `Lets us keep your DMARC policy, which starts as the one in effect today. A valid DMARC record of your own is fine too; it cannot be beside this one.${optional}`;
}
