import { isParked } from '../../model/claim.ts';
import type { DomainName } from '../../model/names.ts';
import type { Lookup } from '../../model/lookup.ts';
import { composeSpf, NEUTRAL_ALL } from '../../spf/compose.ts';
import { isSpfRecord } from '../../spf/record.ts';
import type { Codes, CommonCode } from '../common-codes.ts';
import { below, hostedText, isGone, type HostedPart, type HostedName } from '../hosted-record.ts';
import type { PublishedRecord, RecordKind } from '../kind.ts';
import { withoutPastedArtefacts } from '../pasted-artefacts.ts';
import { missing, ok, seenIn, wrong, type Verdict } from '../verdict.ts';
import type { SpfCode } from './spf/codes.ts';
import { judgeSpf } from './spf/advice.ts';
import { isMeantAsSpf } from './spf/corrected-spf.ts';

const codes = {
  'mx-several': 'more than one MX at the bounce name',
  'mx-other-host': 'the MX of the bounce name is another host',
  'mx-other-preference': 'the MX of the bounce name has another preference',
} satisfies Codes;
type MxCode = keyof typeof codes | CommonCode;

/** Our name that the SPF record of the MAIL FROM domain includes. */
const hostedMailFromName = (hostedName: HostedName): string => below('_mailfrom', hostedName);

/**
 * The custom MAIL FROM domain: the bounce name that SES takes mail back at, with an SPF record of its
 * own, which makes SPF aligned.
 */
export const mailFrom = {
  title: 'Bounces',
  codes,
  published: (claim, _identity, { bounceLabel, region }) => {
    if (isParked(claim)) return [];
    const name = `${bounceLabel}.${claim.domain}`;
    return [
      {
        id: 'mail-from-mx',
        name,
        type: 'MX',
        value: `10 feedback-smtp.${region}.amazonses.com`,
        required: false,
        why: 'Takes in bounces under your own domain, so that SPF is aligned with it.',
      },
      {
        id: 'mail-from-spf',
        name,
        type: 'TXT',
        value: composeSpf(name, [`include:${hostedMailFromName(claim)}`], '~all'),
        required: false,
        why: 'Says which servers send with the bounce address of your domain; we keep the list behind it right.',
      },
    ];
  },
  judge: (record, lookup, setting) =>
    record.type === 'MX'
      ? judgeMx(record, lookup, setting.domain)
      : judgeSpf(record, lookup, setting),
  isMeant: isMeantAsSpf,
  wrongNames: ({ name }, domain) => {
    const label = name.slice(0, -domain.length - 1);
    const singular = label.replace(/s$/, '');
    return [domain, `${label}.www.${domain}`, `${singular}.${domain}`];
  },
  replaces: isSpfRecord,
} satisfies RecordKind<MxCode | SpfCode>;

/** The SPF record of the MAIL FROM domain lists the service's senders only; once gone, none. */
export const hostedMailFrom: HostedPart = {
  most: 1,
  records: (claim, { senders }) => {
    if (isParked(claim)) return [];
    const name = hostedMailFromName(claim);
    const gone = isGone(claim);
    return [hostedText(name, composeSpf(name, gone ? [] : senders, gone ? NEUTRAL_ALL : '~all'))];
  },
};

/** SES takes bounces only where its host is the one MX of the name. */
function judgeMx(
  { name, value = '' }: PublishedRecord,
  lookup: Lookup,
  domain: DomainName,
): Verdict<MxCode> {
  const { values, cnames } = lookup;
  const [seen] = values;
  const want = `an MX record named ${name} with the preference and host ${value}`;
  if (seen === undefined && cnames.length > 0) {
    return wrong(
      'mx-other-host',
      seenIn(lookup),
      `${name} is a CNAME record that leads to no MX record. Replace it by ${want}.`,
    );
  }
  if (seen === undefined) return missing(`There is no MX record at ${name}. Create ${want}.`);
  if (values.length > 1) {
    return wrong(
      'mx-several',
      values,
      `There are ${values.length} MX records at ${name}, and SES wants only its own there. Keep ${want}.`,
    );
  }
  if (seen === value) return ok(values);
  const [preference, host = ''] = value.split(' ');
  const seenHost = seen.slice(seen.indexOf(' ') + 1);
  if (seenHost === host) {
    return wrong(
      'mx-other-preference',
      values,
      `Change the preference of the MX record at ${name} to ${preference}.`,
    );
  }
  if (seenHost === `${host}.${domain}`) {
    return wrong(
      'appended-domain-in-value',
      values,
      `The host of the MX record at ${name} has your domain appended to it. Change it to ${host}; where your DNS provider appends your domain to names, end it with a dot.`,
    );
  }
  if (withoutPastedArtefacts(seenHost).replace(/^\d+ +/, '') === host) {
    return wrong(
      'form-residue',
      values,
      `The host of the MX record at ${name} has more in it than the name: ${seenHost}. Change it to ${host}, and enter the preference ${preference} in a field of its own.`,
    );
  }
  return wrong(
    'mx-other-host',
    values,
    `The MX record at ${name} names another host. Replace it by ${want}.`,
  );
}
