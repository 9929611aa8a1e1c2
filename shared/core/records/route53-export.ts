import type { DomainName } from '../model/names.ts';
import { replacedBy, type ExportedRecord } from './exported-record.ts';
import { encodeTxt } from './txt.ts';

/** Seconds. */
const TTL = 3600;
/** Characters of a batch's comment that Route 53 takes. */
const MAX_COMMENT = 256;

/** The body of Route 53's ChangeResourceRecordSets, as far as records need it. */
export interface ChangeBatch {
  readonly Comment: string;
  readonly Changes: readonly {
    readonly Action: 'CREATE';
    readonly ResourceRecordSet: {
      readonly Name: string;
      readonly Type: ExportedRecord['type'];
      readonly TTL: number;
      readonly ResourceRecords: readonly { readonly Value: string }[];
    };
  }[];
}

/**
 * The customer's records as a change batch for `aws route53 change-resource-record-sets`. They are
 * created, never upserted, so that nothing of the customer's is overwritten: where a name has a
 * record of the type already, Route 53 refuses the batch and says which. Left out, as the comment
 * says, are records without a value, and SPF that is to take the place of what is there: its record
 * set may have other texts, which an upsert would have to name.
 */
export function route53ChangeBatch(
  domain: DomainName,
  records: readonly ExportedRecord[],
): ChangeBatch {
  const left = {
    'without a value': records.filter(({ value }) => !value),
    'to be changed in place': records.filter(inPlace),
  };
  const notes = Object.entries(left).flatMap(([why, some]) =>
    some.length === 0 ? [] : [`${why}: ${some.map(({ id }) => id).join(', ')}`],
  );
  return {
    Comment: [`DNS records for ${domain}`, ...notes].join('; ').slice(0, MAX_COMMENT),
    Changes: records.flatMap((record) => {
      const { name, type, value } = record;
      return value && !inPlace(record)
        ? [{ Action: 'CREATE', ResourceRecordSet: recordSet(name, type, value) }]
        : [];
    }),
  };
}

const inPlace = (record: ExportedRecord): boolean => replacedBy(record).length > 0;

const recordSet = (name: string, type: ExportedRecord['type'], value: string) => ({
  Name: `${name}.`,
  Type: type,
  TTL,
  ResourceRecords: [{ Value: type === 'TXT' ? encodeTxt(value) : `${value}.` }],
});
