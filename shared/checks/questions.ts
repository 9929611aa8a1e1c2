import type { DomainName } from '../domain/names.ts';
import type { CustomerRecord } from '../records/customer-records.ts';
import { answersTo, type Observations, type Question } from './observations.ts';

const LONGEST_NAME = 253;

/**
 * What is asked of a domain's own servers. CNAMEs are asked for as TXT: a server answers that with
 * the CNAME where there is one, and else shows what the customer put in its place.
 *
 * @param probe a name that nobody can have made, which shows what a wildcard answers
 */
export const firstQuestions = (records: readonly CustomerRecord[], probe: string): Question[] => [
  ...records.map(ownQuestion),
  { view: 'authoritative', name: probe, type: 'TXT' },
];

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

/** Where a record lands if a DNS panel appends the domain to a name that has it already. */
export const doubledQuestion = (record: CustomerRecord, domain: DomainName): Question => ({
  ...ownQuestion(record),
  name: `${record.name}.${domain}`,
});

/**
 * What is asked once the domain's own servers have answered, or kept silent: never of the resolvers
 * for a name that is not there, since they would remember that for hours.
 *
 * @param currentSlot the record id of the slot that signs
 */
export function followUpQuestions(
  records: readonly CustomerRecord[],
  domain: DomainName,
  currentSlot: string | undefined,
  observations: Observations,
): Question[] {
  return records.flatMap((record): Question[] => {
    const answers = answersTo(observations, ownQuestion(record));
    const targets = answers.flatMap(({ cnames }) => cnames);
    if (answers.length === 0) return [resolvedQuestion(record)];
    if (targets.length > 0) {
      if (record.id === currentSlot && targets.includes(record.value ?? '')) {
        return [keyQuestion(record)];
      }
      const leadsElsewhere = targets.some((target) => target !== record.value);
      return record.purpose !== 'dkim' && leadsElsewhere ? [resolvedQuestion(record)] : [];
    }
    const doubled = doubledQuestion(record, domain);
    const missing = answers.every(({ values }) => values.length === 0);
    return missing && doubled.name.length <= LONGEST_NAME ? [doubled] : [];
  });
}
