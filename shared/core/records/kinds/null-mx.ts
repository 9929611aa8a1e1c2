import { isParked } from '../../model/claim.ts';
import type { Lookup } from '../../model/lookup.ts';
import type { CommonCode } from '../common-codes.ts';
import type { PublishedRecord, RecordKind } from '../kind.ts';
import { missing, ok, wrong, type Verdict } from '../verdict.ts';

/** An MX record that says that a name takes no mail (RFC 7505 §3): preference 0, host the root. */
export const NULL_MX = '0 .';

/** The null MX of a parked domain, unless the domain takes mail. */
export const nullMx = {
  title: 'No mail',
  codes: {},
  published: (claim) =>
    isParked(claim)
      ? [
          {
            id: 'null-mx',
            name: claim.domain,
            type: 'MX',
            value: NULL_MX,
            required: false,
            why: 'Says that the domain takes no mail, so that nobody waits for an answer from it. Where it does take mail, keep your own MX records.',
          },
        ]
      : [],
  judge: judgeNullMx,
} satisfies RecordKind<CommonCode>;

const isNull = (value: string): boolean => value.endsWith(' .');

/** MX records of the customer's own are fine: a domain that sends nothing may take mail. */
function judgeNullMx({ name }: PublishedRecord, { values }: Lookup): Verdict {
  const create = `an MX record named ${name} with the preference and host ${NULL_MX}`;
  if (values.length === 0) return missing(`There is no MX record at ${name}. Create ${create}`);
  if (values.length === 1 && values.every(isNull)) return ok(values);
  if (!values.some(isNull)) return { status: 'ok-external', observed: values };
  return wrong(
    'other-value',
    values,
    `There are other MX records beside the null MX at ${name}, and receivers then ignore that. Keep one or the other: for no mail, ${create}`,
  );
}
