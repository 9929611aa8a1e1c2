import type { DomainName } from '#shared/core/model/names.ts';
import type { Lookup } from '../../ports/resolver.ts';
import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
import { withoutResidue } from './residue.ts';
import { missing, ok, seenIn, wrong, type Verdict } from './verdict.ts';

/** SES takes bounces only where its host is the one MX of the name. */
export function evaluateMx(
  { name, value = '' }: CustomerRecord,
  lookup: Lookup,
  domain: DomainName,
): Verdict {
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
  if (withoutResidue(seenHost).replace(/^\d+ +/, '') === host) {
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
