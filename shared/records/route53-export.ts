import type { DomainName } from '../domain/names.ts';
import type { CustomerRecord } from './customer-records.ts';
import { encodeTxt } from './txt.ts';

/** Seconds. */
const TTL = 3600;

/** The body of Route 53's ChangeResourceRecordSets, as far as records need it. */
export interface ChangeBatch {
  readonly Comment: string;
  readonly Changes: readonly {
    readonly Action: 'CREATE';
    readonly ResourceRecordSet: {
      readonly Name: string;
      readonly Type: CustomerRecord['type'];
      readonly TTL: number;
      readonly ResourceRecords: readonly { readonly Value: string }[];
    };
  }[];
}

/**
 * The customer's records as a change batch for `aws route53 change-resource-record-sets`. They are
 * created, never upserted, so that nothing of the customer's is overwritten: where a name has a
 * record of the type already, such as SPF at the domain itself, Route 53 refuses the batch and says
 * which. Records whose value is not known yet are left out, and the comment says so.
 */
export function route53ChangeBatch(
  domain: DomainName,
  records: readonly CustomerRecord[],
): ChangeBatch {
  const later = records.filter(({ value }) => !value).map(({ id }) => id);
  const comment = `DNS records for ${domain}`;
  return {
    Comment: later.length === 0 ? comment : `${comment}; not known yet: ${later.join(', ')}`,
    Changes: records.flatMap(({ name, type, value }) =>
      value ? [{ Action: 'CREATE', ResourceRecordSet: recordSet(name, type, value) }] : [],
    ),
  };
}

const recordSet = (name: string, type: CustomerRecord['type'], value: string) => ({
  Name: `${name}.`,
  Type: type,
  TTL,
  ResourceRecords: [{ Value: type === 'TXT' ? encodeTxt(value) : `${value}.` }],
});
