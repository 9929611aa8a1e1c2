import type { Lookup } from '#shared/core/model/lookup.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import { kindOf, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { seenIn, wrong } from '#shared/core/records/verdict.ts';
import { answersTo, type Observations, type Question } from '../lookup/observations.ts';
import {
  addressQuestions,
  aliasQuestion,
  doubledQuestions,
  ownQuestion,
  wrongNameQuestions,
} from '../lookup/questions.ts';
import { isOfWildcards, isWildcard, probeBeside } from '../lookup/wildcard.ts';
import { isGood } from './combined.ts';

/** DNS allows nothing beside a CNAME (RFC 1034 §3.6.2), yet some servers accept it. */
export function besideCname(
  record: CustomerRecord,
  check: RecordCheck,
  observations: Observations,
): RecordCheck | undefined {
  const { id, name } = record;
  const target = answersTo(observations, aliasQuestion(record)).flatMap(({ values }) => values)[0];
  const others = answersTo(observations, ownQuestion(record)).flatMap(({ values }) => values);
  if (target === undefined || others.length === 0) return undefined;
  const own = kindOf(record).besideCname?.(name, check, target);
  if (own !== undefined) return { id, ...own };
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

/** A wildcard's answer is not the record, and proves nothing. */
export function fromWildcard(
  record: CustomerRecord,
  check: RecordCheck,
  lookups: readonly Lookup[],
  observations: Observations,
  setting: Setting,
): RecordCheck | undefined {
  const { id, name, type, value } = record;
  // But for the proof, a wildcard's answer does what the record would do.
  if (isGood(check) && !kindOf(record).isProof) return undefined;
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
export function flattened(
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

/**
 * A record that is missing may be there with the domain appended to its name, as many DNS panels do,
 * or at a name that is one label off.
 */
export function wrongName(
  record: CustomerRecord,
  check: RecordCheck,
  observations: Observations,
  { domain, probe }: Setting,
): RecordCheck | undefined {
  if (check.status !== 'missing') return undefined;
  const seenAt = (question: Question): string[] => {
    const answers = answersTo(observations, question).filter(
      (lookup) => !isOfWildcards(lookup, record, observations, { domain, probe }),
    );
    return [...new Set(answers.flatMap(seenIn))];
  };
  for (const doubled of doubledQuestions(record, domain)) {
    const seen = seenAt(doubled);
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
  for (const off of wrongNameQuestions(record, domain)) {
    const seen = seenAt(off);
    const meant = seen.filter((text) => isMeant(record, text));
    if (meant.length === 0) continue;
    return {
      ...check,
      code: 'wrong-name',
      observed: meant.slice(0, 10),
      hint: `${check.hint ?? ''} A record that was meant for it is at ${off.name}, where receivers do not query it: move it to ${record.name}.`.trim(),
    };
  }
  return undefined;
}

/**
 * Returns true if a value can only have been meant for the record; a wildcard's could be anything.
 */
const isMeant = (record: CustomerRecord, text: string): boolean =>
  kindOf(record).isMeant?.(record, text) ?? text === record.value;
