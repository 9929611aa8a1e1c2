import { isParked } from '../../model/claim.ts';
import type { Lookup } from '../../model/lookup.ts';
import type { CommonCode } from '../common-codes.ts';
import type { PublishedRecord, RecordKind } from '../kind.ts';
import { withoutPastedArtefacts } from '../pasted-artefacts.ts';
import { missing, ok, seenIn, wrong, type Verdict } from '../verdict.ts';

/** The domain's identity at Amazon SES, which a token that SES gives proves. */
export const sesIdentity = {
  title: 'Sending',
  codes: {},
  published: ({ domain, purpose }, identity) =>
    isParked({ purpose })
      ? []
      : [
          {
            id: 'ses-identity',
            name: `_amazonses.${domain}`,
            type: 'TXT',
            value: identity?.token,
            required: true,
            why: 'Lets Amazon SES send mail from your domain.',
          },
        ],
  isQueriedBySes: true,
  judge: judgeToken,
  wrongNames: (_record, domain, above) => [
    domain,
    `amazonses.${domain}`,
    `_amazonses.www.${domain}`,
    ...above.map((one) => `_amazonses.${one}`),
  ],
} satisfies RecordKind<CommonCode>;

/** One of the TXT values at the name must be the token, exactly. */
function judgeToken({ name, value = '' }: PublishedRecord, lookup: Lookup): Verdict {
  if (lookup.values.includes(value)) return ok(lookup.values);
  const create = `Create a TXT record named ${name} with the value ${value}`;
  const seen = seenIn(lookup);
  if (seen.length === 0) return missing(`There is no TXT record at ${name}. ${create}`);
  if (seen.some((text) => withoutPastedArtefacts(text) === value)) {
    return wrong(
      'form-residue',
      seen,
      `The TXT record at ${name} has more in it than the value, such as quotes or spaces. Change it to ${value}`,
    );
  }
  return wrong('other-value', seen, `The TXT record at ${name} has another value. ${create}`);
}
