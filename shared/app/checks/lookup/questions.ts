import { isAtOrBelow, registrableDomain, type DomainName } from '#shared/core/model/names.ts';
import { kindOf, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import { answersTo, type Observations, type Question } from './observations.ts';
import { hostedNameOf } from '#shared/core/records/setting.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { probeBeside, probeQuestions } from './wildcard.ts';

const LONGEST_NAME = 253;

/**
 * What is asked of a domain's own servers. CNAMEs are asked for as TXT: a server answers that with
 * the CNAME where there is one, and else shows what the customer put in its place.
 *
 * Names that nobody can have made are asked for too: they show what wildcards answer.
 */
export const firstQuestions = (
  records: readonly CustomerRecord[],
  place: Pick<Setting, 'domain' | 'probe'>,
): Question[] => [...records.map(ownQuestion), ...probeQuestions(records, place)];

/** The question to the domain's own servers that tells of a record. */
export const ownQuestion = ({ name, type }: CustomerRecord): Question => ({
  view: 'authoritative',
  name,
  type: type === 'CNAME' ? 'TXT' : type,
});

/** Where the domain's own servers do not tell: what the resolvers make of the name. */
export const resolvedQuestion = (record: CustomerRecord): Question => ({
  ...ownQuestion(record),
  view: 'recursive',
});

/** The key that receivers find by the customer's name. */
export const keyQuestion = ({ name }: Pick<CustomerRecord, 'name'>): Question => ({
  view: 'everywhere',
  name,
  type: 'TXT',
});

/** Whether there is a CNAME at the record's name, beside what else there is. */
export const aliasQuestion = ({ name }: Pick<CustomerRecord, 'name'>): Question => ({
  view: 'authoritative',
  name,
  type: 'CNAME',
});

/** The addresses at a name: what is left of a CNAME that a provider flattened. */
export const addressQuestions = (name: string): Question[] =>
  (['A', 'AAAA'] as const).map((type) => ({ view: 'authoritative', name, type }));

/**
 * Where a record lands if a DNS panel appends the name of its zone to a name that has it already: the
 * domain, or the registrable domain above it.
 */
export const doubledQuestions = (record: CustomerRecord, domain: DomainName): Question[] =>
  [...new Set([domain, registrableDomain(domain)])]
    .map((zone) => ({ ...ownQuestion(record), name: `${record.name}.${zone}` }))
    .filter(({ name }) => name.length <= LONGEST_NAME);

/**
 * What is asked once the domain's own servers have answered, or kept silent: never of the resolvers
 * for a name that is not there, since they would remember that for hours.
 *
 * @param currentSlot the record id of the slot that signs
 */
export function followUpQuestions(
  records: readonly CustomerRecord[],
  { domain, probe, zone, hostedName }: Pick<Setting, 'domain' | 'probe' | 'zone' | 'hostedName'>,
  currentSlot: string | undefined,
  observations: Observations,
): Question[] {
  return records.flatMap((record): Question[] => {
    const answers = answersTo(observations, ownQuestion(record));
    const targets = answers.flatMap(({ cnames }) => cnames);
    const { isProof = false } = kindOf(record);
    if (answers.length === 0) return [resolvedQuestion(record)];
    if (targets.length > 0) {
      // What a self-hosted claim's slots show is asked of each, since it tells what may sign.
      const isAsked = record.id === currentSlot || record.type === 'TXT';
      const target = hostedNameOf(record.name, { domain, hostedName });
      if (isProof && isAsked && targets.includes(target)) {
        return [keyQuestion(record)];
      }
      const leadsElsewhere = targets.some((target) => !isAtOrBelow(target, zone));
      return !isProof && leadsElsewhere ? [resolvedQuestion(record)] : [];
    }
    const missing = answers.every(({ values }) => values.length === 0);
    const exists = answers.some(({ outcome }) => outcome === 'ok');
    const beside = probeBeside(record, { domain, probe });
    return [
      ...(missing ? [] : [aliasQuestion(record)]),
      ...(record.type === 'CNAME' && exists
        ? [record.name, beside ?? record.name].flatMap(addressQuestions)
        : []),
      ...(missing ? doubledQuestions(record, domain) : []),
    ];
  });
}
