import type { Lookup } from '#shared/core/model/lookup.ts';
import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
import { answersTo, type Observations, type Question } from './observations.ts';
import type { Setting } from '#shared/core/records/setting.ts';

type Place = Pick<Setting, 'domain' | 'probe'>;

/**
 * Returns the name beside a record's that shows a wildcard's answer: one label replaces the
 * record's first. Undefined for the domain itself, which no wildcard of its own covers.
 */
export function probeBeside(
  { name }: Pick<CustomerRecord, 'name'>,
  { domain, probe }: Place,
): string | undefined {
  return name === domain ? undefined : `${probe}.${name.slice(name.indexOf('.') + 1)}`;
}

/** Lists the questions for the wildcards around the records, each name and type once. */
export const probeQuestions = (records: readonly CustomerRecord[], place: Place): Question[] =>
  records.flatMap((record) => probeQuestion(record, place) ?? []);

function probeQuestion(record: CustomerRecord, place: Place): Question | undefined {
  const name = probeBeside(record, place);
  const type = record.type === 'CNAME' ? 'TXT' : record.type;
  return name === undefined ? undefined : { view: 'authoritative', name, type };
}

/** Returns true if an answer is the wildcard's for every name, as far as the answers show. */
export function isWildcard(
  record: CustomerRecord,
  lookup: Lookup,
  observations: Observations,
  place: Place,
): boolean {
  const question = probeQuestion(record, place);
  if (question === undefined) return false;
  const shown = contentOf(lookup);
  return (
    shown !== '' && answersTo(observations, question).some((probed) => contentOf(probed) === shown)
  );
}

/**
 * Returns true if an answer, of any name below the domain, is what a wildcard directly below it says:
 * it answers for every name that could be asked for in place of a record's.
 */
export function isOfWildcards(
  lookup: Lookup,
  record: CustomerRecord,
  observations: Observations,
  { domain, probe }: Place,
): boolean {
  const type = record.type === 'CNAME' ? 'TXT' : record.type;
  const shown = contentOf(lookup);
  const question: Question = { view: 'authoritative', name: `${probe}.${domain}`, type };
  return (
    shown !== '' && answersTo(observations, question).some((probed) => contentOf(probed) === shown)
  );
}

const contentOf = ({ values, cnames }: Lookup): string =>
  cnames.length + values.length === 0 ? '' : [...cnames, '', ...values.toSorted()].join('\n');
