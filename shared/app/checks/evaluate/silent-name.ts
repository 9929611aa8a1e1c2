import { isAtOrBelow, type DomainName } from '#shared/core/model/names.ts';
import type { CustomerRecord } from '#shared/core/records/customer-records.ts';
import { answersTo, type Observations } from '../lookup/observations.ts';
import { ownQuestion } from '../lookup/questions.ts';

/**
 * Returns the name below a domain that its zone delegates to servers which keep silent (`_domainkey`
 * with NS records of its own): nothing at or below it was answered, while other names were.
 *
 * @param record one that was not answered
 * @returns undefined where the servers of the domain themselves keep silent
 */
export function silentName(
  { name }: CustomerRecord,
  records: readonly CustomerRecord[],
  domain: DomainName,
  observations: Observations,
): string | undefined {
  const isAnswered = (one: CustomerRecord): boolean =>
    answersTo(observations, ownQuestion(one)).length > 0;
  if (!records.some(isAnswered) || !isAtOrBelow(name, domain)) return undefined;
  return namesDownTo(name, domain).find(
    (candidate) => !records.some((one) => isAtOrBelow(one.name, candidate) && isAnswered(one)),
  );
}

/** The names between a domain and a name below it, which is the last. */
function namesDownTo(name: string, domain: DomainName): string[] {
  const labels = name.slice(0, -domain.length - 1).split('.');
  return name === domain
    ? []
    : labels.map((_, index) => `${labels.slice(labels.length - 1 - index).join('.')}.${domain}`);
}
