import {
  isAtOrBelow,
  namesAbove,
  type DomainName,
  type Selector,
} from '#shared/core/model/names.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import { kindOf, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import { answersTo, type Observations, type Question } from './observations.ts';
import { slotName } from '#shared/core/records/kinds/dkim/names.ts';
import { hostedNameOf } from '#shared/core/records/setting.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { probeBeside, probeQuestions } from './wildcard.ts';

const LONGEST_NAME = 253;

/**
 * Lists the questions to a domain's own servers. CNAMEs are asked for as TXT: a server answers with
 * the CNAME or, where there is none, what the customer put in its place.
 *
 * Names that cannot exist are asked for too: they show what wildcards answer.
 */
export const firstQuestions = (
  records: readonly CustomerRecord[],
  place: Pick<Setting, 'domain' | 'probe'>,
): Question[] => [...records.map(ownQuestion), ...probeQuestions(records, place)];

/** The question to the domain's own servers about a record; to those above it about an NS record. */
export const ownQuestion = ({ name, type }: CustomerRecord): Question => ({
  view: type === 'NS' ? 'above' : 'authoritative',
  name,
  type: type === 'CNAME' ? 'TXT' : type,
});

/** The question to the domain's own servers about a slot. */
export const slotQuestion = (selector: Selector, domain: DomainName): Question => ({
  view: 'authoritative',
  name: slotName(selector, domain),
  type: 'TXT',
});

/** The resolvers' answer for the name, where the domain's own servers do not answer. */
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

/** Returns true if a CNAME is at the record's name, beside other records. */
export const aliasQuestion = ({ name }: Pick<CustomerRecord, 'name'>): Question => ({
  view: 'authoritative',
  name,
  type: 'CNAME',
});

/** The addresses at a name: what is left of a CNAME that a provider flattened. */
export const addressQuestions = (name: string): Question[] =>
  (['A', 'AAAA'] as const).map((type) => ({ view: 'authoritative', name, type }));

/**
 * Returns the wrong names of a record if a DNS panel appends its zone's name to a full name. The
 * zone is the domain, or the registrable domain above it.
 */
export const doubledQuestions = (record: CustomerRecord, domain: DomainName): Question[] =>
  [...new Set([domain, registrableDomain(domain)])]
    .map((zone) => ({ ...ownQuestion(record), name: `${record.name}.${zone}` }))
    .filter(({ name }) => name.length <= LONGEST_NAME);

/** The names one label off where people put a record by mistake. */
export function wrongNameQuestions(record: CustomerRecord, domain: DomainName): Question[] {
  const top = registrableDomain(domain);
  const above = namesAbove(domain).filter((name) => isAtOrBelow(name, top));
  return (kindOf(record).wrongNames?.(record, domain, above) ?? [])
    .filter((name) => name !== record.name && name.length <= LONGEST_NAME)
    .map((name) => ({ ...ownQuestion(record), name }));
}

/**
 * Lists the questions after the domain's own servers answered or kept silent. Resolvers are never
 * asked for a missing name, since they would cache that for hours.
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
      // Each slot of a self-hosted claim is queried, since its record decides what may sign.
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
      ...(missing || record.type === 'NS' ? [] : [aliasQuestion(record)]),
      ...(record.type === 'CNAME' && exists
        ? [record.name, beside ?? record.name].flatMap(addressQuestions)
        : []),
      ...(missing
        ? [...doubledQuestions(record, domain), ...wrongNameQuestions(record, domain)]
        : []),
    ];
  });
}
