import { isDmarcRecord } from '../dmarc/record.ts';
import type { Lookup } from '../ports/resolver.ts';
import type { CustomerRecord } from '../records/customer-records.ts';
import { missing, ok, seenIn, wrong, type Setting, type Verdict } from './verdict.ts';

const statesPolicy = (text: string): boolean =>
  /;[ \t]*p[ \t]*=[ \t]*(?:none|quarantine|reject)[ \t]*(?:;|$)/i.test(text);

/**
 * Whether a domain's DMARC record is ours, or a valid one of the customer's own, from one answer.
 *
 * @param lookup where the name is a CNAME that is not ours, with what it leads to
 */
export function evaluateDmarc(
  { name, value }: CustomerRecord,
  lookup: Lookup,
  { zone }: Setting,
): Verdict {
  const [target] = lookup.cnames;
  const point = `a CNAME record named ${name} that points to ${value}`;
  if (target !== undefined && target === value) return ok([target]);
  if (target?.endsWith(`.${zone}`) === true) {
    return wrong(
      seenIn(lookup),
      `The CNAME record at ${name} points to another record of this service, such as one of an earlier or another claim. Change its target to ${value}.`,
    );
  }
  const records = lookup.values.filter(isDmarcRecord);
  const [text] = records;
  if (text === undefined) {
    if (target === undefined && lookup.values.length === 0) {
      return missing(`There is no DMARC record at ${name}. Create ${point}.`);
    }
    const found =
      target === undefined
        ? 'is no DMARC record'
        : `points to ${target}, where there is no DMARC record`;
    return wrong(seenIn(lookup), `What is at ${name} ${found}. Replace it by ${point}.`);
  }
  if (records.length > 1) {
    return wrong(
      records,
      `There are ${records.length} DMARC records at ${name}, and receivers then count none of them. Keep one, or replace all by ${point}.`,
    );
  }
  if (!statesPolicy(text)) {
    return wrong(
      records,
      `The DMARC record at ${name} has no valid policy (p=none, p=quarantine or p=reject). Correct it, or replace it by ${point}.`,
    );
  }
  return { status: 'ok-external', observed: records };
}
