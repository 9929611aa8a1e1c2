import type { Lookup } from '../../../model/lookup.ts';
import type { PublishedRecord } from '../../kind.ts';
import type { Setting } from '../../setting.ts';
import { wrong, type Verdict } from '../../verdict.ts';
import type { DmarcCode } from './codes.ts';
import { judgeDmarc } from './judge.ts';

/**
 * Judges the DMARC record of a parked domain, which proves whose domain it is: only the CNAME to our
 * name does, so that a policy of the customer's own is to be replaced.
 */
export function judgeParkedDmarc(
  record: PublishedRecord,
  lookup: Lookup,
  setting: Setting,
): Verdict<DmarcCode> {
  const verdict = judgeDmarc(record, lookup, setting);
  if (verdict.status !== 'ok-external') return verdict;
  const { name, value = '' } = record;
  return wrong(
    'dmarc-own-record',
    verdict.observed,
    `There is a DMARC record of your own at ${name}. For a domain that sends nothing, a CNAME record there proves that the domain is yours. Replace the record by a CNAME record that points to ${value}, whose policy is p=reject.`,
  );
}
