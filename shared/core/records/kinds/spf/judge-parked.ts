import type { Lookup } from '../../../model/lookup.ts';
import { isSpfRecord } from '../../../spf/record.ts';
import type { PublishedRecord } from '../../kind.ts';
import { missing, ok, wrong, type Verdict } from '../../verdict.ts';
import type { SpfCode } from './codes.ts';

/** The text by which nobody may send (RFC 7208 §4.6). */
const NOBODY = 'v=spf1 -all';

/** Judges the SPF record of a parked domain: ours, or one of the customer's own that lets nobody send. */
export function judgeParkedSpf(
  { name, value = '' }: PublishedRecord,
  { values }: Lookup,
): Verdict<SpfCode> {
  const records = values.filter(isSpfRecord);
  const [text, ...more] = records;
  if (text === undefined) {
    return missing(`There is no SPF record at ${name}. Create a TXT record there: ${value}`);
  }
  const terms = text.toLowerCase().trim().split(/ +/).join(' ');
  if (more.length === 0 && terms === value) return ok(records);
  if (more.length === 0 && terms === NOBODY) return { status: 'ok-external', observed: records };
  return more.length > 0
    ? wrong(
        'spf-several',
        records,
        `There are ${records.length} SPF records at ${name}, and receivers then count none of them. Put one in their place: ${value}`,
      )
    : wrong(
        'other-value',
        records,
        `The SPF record at ${name} lets others send for a domain that sends nothing. Change it to: ${value}`,
      );
}
