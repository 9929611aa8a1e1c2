import type { RecordCheck } from '#shared/core/model/check.ts';
import { isAtOrBelow } from '#shared/core/model/names.ts';
import type { Lookup } from '../../ports/resolver.ts';
import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
import { besideOurCname, evaluateDmarc } from './evaluate-dmarc.ts';
import { evaluateDkim } from './evaluate-dkim.ts';
import { evaluateOwnKey } from './evaluate-own-key.ts';
import { evaluateMx } from './evaluate-mx.ts';
import { evaluateSpf } from './evaluate-spf.ts';
import { includeOf } from '../mended-spf.ts';
import { answersTo, type Observations } from '../lookup/observations.ts';
import {
  addressQuestions,
  aliasQuestion,
  doubledQuestions,
  ownQuestion,
  resolvedQuestion,
} from '../lookup/questions.ts';
import { withoutResidue } from './residue.ts';
import {
  combined,
  isGood,
  missing,
  noSuchDomain,
  ok,
  seenIn,
  withWayToEnter,
  wrong,
  type Verdict,
} from './verdict.ts';
import type { Setting } from '../setting.ts';
import { isWildcard, probeBeside } from '../lookup/wildcard.ts';

/** The status of each record, what is the matter, what was observed of it, and what to change. */
export const evaluate = (
  records: readonly CustomerRecord[],
  observations: Observations,
  setting: Setting,
): RecordCheck[] =>
  records.map((record) =>
    withWayToEnter(evaluateRecord(record, observations, setting), record, setting),
  );

function evaluateRecord(
  record: CustomerRecord,
  observations: Observations,
  setting: Setting,
): RecordCheck {
  const { id } = record;
  if (record.value === undefined) {
    return {
      id,
      status: 'preparing',
      code: 'preparing',
      observed: [],
      hint: 'Its value is not known yet; it comes within minutes.',
    };
  }
  const lookups = lookupsOf(record, observations, setting);
  const verdicts = lookups.map((lookup) => verdictOn(record, lookup, setting));
  const check = combined(id, verdicts, setting);
  if (!isGood(check) && setting.delegation?.state === 'no-such-domain') {
    return { id, ...noSuchDomain(setting.domain) };
  }
  return (
    besideCname(record, check, observations) ??
    fromWildcard(record, check, lookups, observations, setting) ??
    flattened(record, check, observations, setting) ??
    misplaced(record, check, observations, setting) ??
    check
  );
}

/** What each of the domain's servers answered, CNAMEs followed where that matters; else what the resolvers did. */
function lookupsOf(
  record: CustomerRecord,
  observations: Observations,
  { zone }: Setting,
): readonly Lookup[] {
  const own = answersTo(observations, ownQuestion(record));
  const resolved = answersTo(observations, resolvedQuestion(record)).filter(isKnown);
  if (own.length === 0) return resolved;
  if (record.purpose === 'dkim') return own;
  // Behind a CNAME lie the values; where the resolvers did not tell, nothing can be said of it.
  // What points at us, rightly or wrongly, tells all by that.
  return own.flatMap((lookup) =>
    lookup.cnames.every((target) => isAtOrBelow(target, zone)) ? [lookup] : resolved,
  );
}

const isKnown = ({ outcome }: Lookup): boolean => outcome !== 'unknown';

function verdictOn(record: CustomerRecord, lookup: Lookup, setting: Setting): Verdict {
  switch (record.purpose) {
    case 'dkim':
      return setting.own === undefined
        ? evaluateDkim(record, lookup, setting)
        : evaluateOwnKey(record, lookup, setting, setting.own);
    case 'dmarc':
      return evaluateDmarc(record, lookup, setting);
    case 'spf':
      return evaluateSpf(record, lookup, setting);
    case 'ses-identity':
      return evaluateToken(record, lookup);
    case 'mail-from':
      return record.type === 'MX'
        ? evaluateMx(record, lookup, setting.domain)
        : evaluateSpf(record, lookup, setting);
  }
}

/** One of the TXT values at the name must be the token, exactly. */
function evaluateToken({ name, value = '' }: CustomerRecord, lookup: Lookup): Verdict {
  if (lookup.values.includes(value)) return ok(lookup.values);
  const create = `Create a TXT record named ${name} with the value ${value}`;
  const seen = seenIn(lookup);
  if (seen.length === 0) return missing(`There is no TXT record at ${name}. ${create}`);
  if (seen.some((text) => withoutResidue(text) === value)) {
    return wrong(
      'form-residue',
      seen,
      `The TXT record at ${name} has more in it than the value, such as quotes or spaces. Change it to ${value}`,
    );
  }
  return wrong('other-value', seen, `The TXT record at ${name} has another value. ${create}`);
}

/** DNS allows nothing beside a CNAME (RFC 1034 §3.6.2), yet some servers let it stand. */
function besideCname(
  record: CustomerRecord,
  check: RecordCheck,
  observations: Observations,
): RecordCheck | undefined {
  const { id, name, purpose } = record;
  const target = answersTo(observations, aliasQuestion(record)).flatMap(({ values }) => values)[0];
  const others = answersTo(observations, ownQuestion(record)).flatMap(({ values }) => values);
  if (target === undefined || others.length === 0) return undefined;
  if (purpose === 'dmarc') return { id, ...besideOurCname(name, check, target) };
  const keep =
    record.type === 'CNAME'
      ? `Delete all but the CNAME record, which must point to ${record.value}.`
      : 'Delete the CNAME record.';
  return {
    id,
    ...wrong(
      'cname-beside-others',
      [...check.observed, target],
      `There is a CNAME record (to ${target}) beside other records at ${name}, which DNS does not allow: who asks sees the one or the other. ${keep}`,
    ),
  };
}

/** What a wildcard answers is not the record, and as proof of anything it is worth nothing. */
function fromWildcard(
  record: CustomerRecord,
  check: RecordCheck,
  lookups: readonly Lookup[],
  observations: Observations,
  setting: Setting,
): RecordCheck | undefined {
  const { id, name, type, value, purpose } = record;
  // But for the proof, a wildcard's answer does what the record would do.
  if (isGood(check) && purpose !== 'dkim') return undefined;
  if (!lookups.some((lookup) => isWildcard(record, lookup, observations, setting))) {
    return undefined;
  }
  return {
    id,
    status: isGood(check) ? 'wrong' : 'missing',
    code: 'wildcard',
    observed: check.observed,
    hint: `There is no record at ${name} itself: a wildcard record of your domain answers for every name that has none. Create a ${type} record named ${name} with the value ${value}; it takes precedence over the wildcard.`,
  };
}

/** Addresses in the place of a CNAME: the provider answers with what the CNAME leads to, or with its proxy. */
function flattened(
  record: CustomerRecord,
  check: RecordCheck,
  observations: Observations,
  setting: Setting,
): RecordCheck | undefined {
  const { id, name, type, value } = record;
  if (type !== 'CNAME' || isGood(check)) return undefined;
  const addresses = addressesAt(name, observations);
  const probe = probeBeside(record, setting);
  const anyway = new Set(probe === undefined ? [] : addressesAt(probe, observations));
  const own = addresses.filter((address) => !anyway.has(address));
  if (own.length === 0) return undefined;
  return {
    id,
    ...wrong(
      'flattened',
      [...own, ...check.observed].slice(0, 10),
      `${name} answers with addresses instead of a CNAME record: it is flattened, or behind your DNS provider's proxy. Turn the proxy and CNAME flattening off for it ("DNS only"), or replace the address record by a CNAME record that points to ${value}.`,
    ),
  };
}

const addressesAt = (name: string, observations: Observations): string[] =>
  addressQuestions(name).flatMap((question) =>
    answersTo(observations, question).flatMap(({ values }) => values),
  );

/** A record that is missing may be there with the domain appended to its name, as many DNS panels do. */
function misplaced(
  record: CustomerRecord,
  check: RecordCheck,
  observations: Observations,
  { domain }: Setting,
): RecordCheck | undefined {
  if (check.status !== 'missing') return undefined;
  for (const doubled of doubledQuestions(record, domain)) {
    const seen = [...new Set(answersTo(observations, doubled).flatMap(seenIn))];
    const ours = seen.filter((text) => isMeant(record, text));
    if (ours.length === 0) continue;
    const zone = doubled.name.slice(record.name.length + 1);
    const short = record.name === zone ? '@' : record.name.slice(0, -zone.length - 1);
    return {
      ...check,
      code: 'appended-domain',
      observed: ours.slice(0, 10),
      hint: `The record is there, but at ${doubled.name}: your DNS provider appends ${zone} to the name. Rename it to ${short}.`,
    };
  }
  return undefined;
}

/** Whether a value can only have been meant for the record; a wildcard's could be anything. */
function isMeant(record: CustomerRecord, text: string): boolean {
  const include = record.type === 'TXT' ? includeOf(record) : '';
  if (include === '') return text === record.value;
  return text.toLowerCase().split(' ').includes(include);
}
