import type { Lookup } from '../ports/resolver.ts';
import type { CustomerRecord } from '../records/customer-records.ts';
import { missing, ok, wrong, type Verdict } from './verdict.ts';

const isSpf = (text: string): boolean => /^v=spf1(?: |$)/i.test(text);
const normal = (term: string): string => term.toLowerCase().replace(/^\+/, '').replace(/\.$/, '');

/**
 * Whether an SPF record has our include where it counts (RFC 7208 §4.5, §4.6), from one answer.
 *
 * @param record its value is an SPF record with our include alone
 */
export function evaluateSpf({ name, value = '' }: CustomerRecord, { values }: Lookup): Verdict {
  const include = value.split(' ').find((term) => term.startsWith('include:')) ?? '';
  const records = values.filter(isSpf);
  const [text] = records;
  if (text === undefined) {
    return missing(`There is no SPF record at ${name}. Create a TXT record there: ${value}`);
  }
  if (records.length > 1) {
    return wrong(
      records,
      `There are ${records.length} SPF records at ${name}, and receivers then count none of them. Join them into one that has ${include} before its "all".`,
    );
  }
  const terms = text.split(/ +/).map(normal);
  const at = terms.indexOf(include);
  const all = terms.findIndex((term) => /^[-~?]?all$/.test(term));
  if (at < 0) {
    const softened = terms.find((term) => /^[-~?]/.test(term) && term.slice(1) === include);
    if (softened !== undefined) {
      return wrong(
        records,
        `Remove the "${softened.charAt(0)}" before ${include}: as it is, it does not let our servers send.`,
      );
    }
    return wrong(
      records,
      `The SPF record at ${name} lacks our servers. Add ${include} to it, before its "all".`,
    );
  }
  if (all >= 0 && all < at) {
    return wrong(
      records,
      `Nothing after "all" counts in an SPF record. Move ${include} before it.`,
    );
  }
  return ok(records);
}
