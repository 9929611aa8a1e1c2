import type { RecordCheck } from '../domain/check.ts';
import type { Lookup } from '../ports/resolver.ts';
import type { CustomerRecord } from '../records/customer-records.ts';
import { evaluateDkim } from './evaluate-dkim.ts';
import { evaluateDmarc } from './evaluate-dmarc.ts';
import { evaluateSpf } from './evaluate-spf.ts';
import { answersTo, type Observations } from './observations.ts';
import { doubledQuestion, ownQuestion, resolvedQuestion } from './questions.ts';
import { combined, missing, ok, seenIn, wrong, type Setting, type Verdict } from './verdict.ts';

/** The status of each record, what was observed of it, and what to change. */
export const evaluate = (
  records: readonly CustomerRecord[],
  observations: Observations,
  setting: Setting,
): RecordCheck[] => records.map((record) => evaluateRecord(record, observations, setting));

function evaluateRecord(
  record: CustomerRecord,
  observations: Observations,
  setting: Setting,
): RecordCheck {
  const lookups = lookupsOf(record, observations);
  if (record.value === undefined) {
    return {
      id: record.id,
      status: 'preparing',
      observed: [],
      hint: 'Its value is not known yet; it comes within minutes.',
    };
  }
  const verdicts = lookups.map((lookup) => verdictOn(record, lookup, setting));
  const check = combined(record.id, verdicts, setting.domain);
  return check.status === 'missing' ? misplaced(record, check, observations, setting) : check;
}

/** What each of the domain's servers answered, CNAMEs followed where that matters; else what the resolvers did. */
function lookupsOf(record: CustomerRecord, observations: Observations): readonly Lookup[] {
  const own = answersTo(observations, ownQuestion(record));
  const resolved = answersTo(observations, resolvedQuestion(record)).filter(isKnown);
  if (own.length === 0) return resolved;
  if (record.purpose === 'dkim') return own;
  // Behind a CNAME lie the values; where the resolvers did not tell, nothing can be said of it.
  return own.flatMap((lookup) =>
    lookup.cnames.length === 0 || lookup.cnames[0] === record.value ? [lookup] : resolved,
  );
}

const isKnown = ({ outcome }: Lookup): boolean => outcome !== 'unknown';

function verdictOn(record: CustomerRecord, lookup: Lookup, setting: Setting): Verdict {
  switch (record.purpose) {
    case 'dkim':
      return evaluateDkim(record, lookup, setting);
    case 'dmarc':
      return evaluateDmarc(record, lookup, setting);
    case 'spf':
      return evaluateSpf(record, lookup);
    case 'ses-identity':
      return evaluateToken(record, lookup);
    case 'mail-from':
      return record.type === 'MX'
        ? evaluateMx(record, lookup, setting)
        : evaluateSpf(record, lookup);
  }
}

/** One of the TXT values at the name must be the token, exactly. */
function evaluateToken({ name, value = '' }: CustomerRecord, lookup: Lookup): Verdict {
  if (lookup.values.includes(value)) return ok(lookup.values);
  const create = `Create a TXT record named ${name} with the value ${value}`;
  const seen = seenIn(lookup);
  if (seen.length === 0) return missing(`There is no TXT record at ${name}. ${create}`);
  return wrong(seen, `The TXT record at ${name} has another value. ${create}`);
}

/** SES takes bounces only where its host is the one MX of the name. */
function evaluateMx(
  { name, value = '' }: CustomerRecord,
  lookup: Lookup,
  { domain }: Setting,
): Verdict {
  const { values } = lookup;
  const [seen] = values;
  const want = `an MX record named ${name} with the preference and host ${value}`;
  if (seen === undefined) return missing(`There is no MX record at ${name}. Create ${want}.`);
  if (values.length > 1) {
    return wrong(
      values,
      `There are ${values.length} MX records at ${name}, and SES wants only its own there. Keep ${want}.`,
    );
  }
  if (seen === value) return ok(values);
  const [preference, host] = value.split(' ');
  const seenHost = seen.split(' ')[1];
  if (seenHost === host)
    return wrong(values, `Change the preference of the MX record at ${name} to ${preference}.`);
  if (seenHost === `${host}.${domain}`) {
    return wrong(
      values,
      `The host of the MX record at ${name} has your domain appended to it. Change it to ${host}; where your DNS provider appends your domain to names, end it with a dot.`,
    );
  }
  return wrong(values, `The MX record at ${name} names another host. Replace it by ${want}.`);
}

/** A record that is missing may be there with the domain appended to its name, as many DNS panels do. */
function misplaced(
  record: CustomerRecord,
  check: RecordCheck,
  observations: Observations,
  { domain }: Setting,
): RecordCheck {
  const doubled = doubledQuestion(record, domain);
  const seen = [...new Set(answersTo(observations, doubled).flatMap(seenIn))];
  const ours = seen.filter((text) => isMeant(record, text));
  if (ours.length === 0) return check;
  const short = record.name === domain ? '@' : record.name.slice(0, -domain.length - 1);
  return {
    ...check,
    observed: ours.slice(0, 10),
    hint: `The record is there, but at ${doubled.name}: your DNS provider appends your domain to the name. Rename it to ${short}.`,
  };
}

/** Whether a value can only have been meant for the record; a wildcard's could be anything. */
function isMeant({ purpose, type, value = '' }: CustomerRecord, text: string): boolean {
  if (purpose === 'spf' || (purpose === 'mail-from' && type === 'TXT')) {
    const include = value.split(' ').find((term) => term.startsWith('include:')) ?? '';
    return text.toLowerCase().split(' ').includes(include);
  }
  return text === value;
}
