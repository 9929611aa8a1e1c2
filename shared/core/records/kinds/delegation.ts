import { isDelegated } from '../../model/claim.ts';
import type { Lookup } from '../../model/lookup.ts';
import type { DomainName, Label } from '../../model/names.ts';
import type { Codes, CommonCode } from '../common-codes.ts';
import type { PublishedRecord, RecordKind } from '../kind.ts';
import { labelsIn } from '../labels.ts';
import { withoutPastedArtefacts } from '../pasted-artefacts.ts';
import type { Setting } from '../setting.ts';
import { missing, ok, wrong, type Verdict } from '../verdict.ts';

const codes = {
  'delegation-elsewhere': 'the subdomain is delegated to other name servers',
  'delegation-mixed': 'the subdomain is delegated to ours and to other name servers beside it',
} satisfies Codes;
type DelegationCode = keyof typeof codes | CommonCode;

/**
 * Our name that the NS record of a delegated domain names. It is the label's alone, and so proves
 * whose the delegation is; its addresses are those of four name servers, which many zones share.
 */
export const nameServerOf = (label: Label, zone: DomainName): string => `${label}.ns.${zone}`;

/** The one record of a domain whose zone is ours (RFC 1034 §4.2.1). */
export const delegation = {
  title: 'Delegation',
  codes,
  published: (claim, _identity, { zone }) =>
    isDelegated(claim)
      ? [
          {
            id: 'delegation',
            name: claim.domain,
            type: 'NS',
            value: nameServerOf(claim.label, zone),
            required: true,
            why: 'Gives this subdomain to us, with all the records that mail needs, and proves that it is yours.',
          },
        ]
      : [],
  judge: judgeDelegation,
} satisfies RecordKind<DelegationCode>;

/**
 * Judges what a server of the zone above names. Every name server must be the one of the label: who
 * runs another could answer for the subdomain too.
 */
function judgeDelegation(
  { name, value = '' }: PublishedRecord,
  { values, cnames }: Lookup,
  { zone, old }: Setting,
): Verdict<DelegationCode> {
  const create = `an NS record named ${name} with the value ${value}`;
  const [target] = cnames;
  if (target !== undefined) {
    return wrong(
      'delegation-elsewhere',
      [target],
      `${name} is a CNAME record to ${target}. Replace it by ${create}.`,
    );
  }
  if (values.length === 0) return missing(`There is no NS record at ${name}. Create ${create}.`);
  const others = values.filter((host) => host !== value);
  const [other] = others;
  if (other === undefined) return ok(values);
  if (others.length < values.length) {
    return wrong(
      'delegation-mixed',
      values,
      `Other name servers are named for ${name} beside ours, and whoever runs them can answer in its place. Delete the NS records with ${others.join(', ')}.`,
    );
  }
  const replace = `Replace what is there by ${create}.`;
  if (values.every((host) => host.startsWith(`${value}.`))) {
    return wrong(
      'appended-domain-in-value',
      values,
      `The name server has your domain appended to it. ${replace} Where your DNS provider appends your domain to names, end the value with a dot.`,
    );
  }
  if (values.some((host) => withoutPastedArtefacts(host) === value)) {
    return wrong(
      'form-residue',
      values,
      `The NS record at ${name} has more in it than the name, such as quotes or spaces. ${replace}`,
    );
  }
  const labels = values.flatMap((host) => labelsIn(host, zone));
  if (labels.some((label) => old?.has(label))) {
    return wrong(
      'old-label',
      values,
      `The NS record at ${name} names the server of your earlier claim, which was deleted; a domain that is claimed again has a new one. ${replace}`,
    );
  }
  return labels.length > 0
    ? wrong(
        'other-label',
        values,
        `The NS record at ${name} names a server of this service that is not yours. ${replace}`,
      )
    : wrong(
        'delegation-elsewhere',
        values,
        `${name} is delegated to other name servers: ${values.join(', ')}. ${replace}`,
      );
}
