import type { DomainName } from '../model/names.ts';
import type { CustomerRecord } from './customer-records.ts';
import { absolute } from './exported-record.ts';
import type { PresentSet } from './present-sets.ts';
import type { RemainingChange } from './remaining-change.ts';
import { encodeTxt } from './txt.ts';

/** Seconds. */
const TTL = 3600;
/** Characters of a batch's comment that Route 53 takes. */
const MAX_COMMENT = 256;

interface ResourceRecordSet {
  readonly Name: string;
  readonly Type: CustomerRecord['type'];
  readonly TTL: number;
  readonly ResourceRecords: readonly { readonly Value: string }[];
}

interface BatchChange {
  readonly Action: 'CREATE' | 'DELETE' | 'UPSERT';
  readonly ResourceRecordSet: ResourceRecordSet;
}

/** The body of Route 53's ChangeResourceRecordSets, as far as records need it. */
export interface ChangeBatch {
  readonly Comment: string;
  readonly Changes: readonly BatchChange[];
}

/**
 * What remains to be done as a change batch for `aws route53 change-resource-record-sets`, which
 * Route 53 applies whole or not at all.
 *
 * A TXT set that is there is upserted with all its values, as the domain's own servers have them, and
 * its TTL. Where a CNAME takes the place of a TXT set, that set is deleted and the CNAME created. The
 * deletion must match the set's values and TTL, and so proves that nobody changed it: if somebody
 * did, or the set has a routing policy, Route 53 refuses the batch and nothing changes.
 */
export function route53ChangeBatch(
  domain: DomainName,
  changes: readonly RemainingChange[],
): ChangeBatch {
  const manual = changes.filter((one) => batchChanges(one).length === 0);
  const notes = [
    ...(manual.length === 0
      ? []
      : [`left to you: ${manual.map(({ record }) => record.id).join(', ')}`]),
    ...(changes.length === 0 ? ['nothing remains to be done'] : []),
  ];
  return {
    Comment: [`DNS records for ${domain}`, ...notes].join('; ').slice(0, MAX_COMMENT),
    Changes: changes.flatMap(batchChanges),
  };
}

function batchChanges({ record, change }: RemainingChange): BatchChange[] {
  const { name, type, value } = record;
  const ours = recordValue(type, value);
  switch (change.action) {
    case 'by-hand':
      return [];
    case 'create':
      return [{ Action: 'CREATE', ResourceRecordSet: recordSet(name, type, TTL, [ours]) }];
    case 'add': {
      const { present, replaced } = change;
      if (present.ttl === undefined) return [];
      const kept = presentValues(present).filter((_, index) => !replaced.includes(index));
      const values = [...new Set([...kept, ours])];
      return [{ Action: 'UPSERT', ResourceRecordSet: recordSet(name, type, present.ttl, values) }];
    }
    case 'replace': {
      const { present } = change;
      if (present.ttl === undefined) return [];
      if (present.type === type) {
        return [
          { Action: 'UPSERT', ResourceRecordSet: recordSet(name, type, present.ttl, [ours]) },
        ];
      }
      const gone = recordSet(name, 'TXT', present.ttl, presentValues(present));
      return [
        { Action: 'DELETE', ResourceRecordSet: gone },
        { Action: 'CREATE', ResourceRecordSet: recordSet(name, type, TTL, [ours]) },
      ];
    }
  }
}

const recordSet = (
  name: string,
  type: CustomerRecord['type'],
  ttl: number,
  values: readonly string[],
): ResourceRecordSet => ({
  Name: `${name}.`,
  Type: type,
  TTL: ttl,
  ResourceRecords: values.map((Value) => ({ Value })),
});

const recordValue = (type: CustomerRecord['type'], value: string): string =>
  type === 'TXT' ? encodeTxt(value) : absolute(value);

/** The values of a TXT set in the strings that it has, since a deletion must match them. */
const presentValues = ({ values, strings }: PresentSet): string[] =>
  values.map((text, index) =>
    (strings?.[index] ?? [text]).map((part) => encodeTxt(octetsOf(part))).join(' '),
  );

/** A character for each octet of UTF-8. */
const octetsOf = (text: string): string => Buffer.from(text).toString('latin1');
