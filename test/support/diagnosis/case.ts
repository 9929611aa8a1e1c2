import type { Claim } from '#shared/core/model/claim.ts';
import type { RecordCode } from '#shared/core/records/codes.ts';
import { customerRecords, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import { deployment, givenClaim } from '../../fakes/given-claim.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';

/** A claim, the records that the service asked its customer for, and a claim of somebody else. */
export interface Situation {
  readonly claim: Claim;
  readonly other: Claim;
  /** An earlier claim of the same tenant and domain, deleted and retired. */
  readonly earlier: Claim;
  /** The records that the customer was asked to publish. */
  readonly advised: readonly DnsRecord[];
  /** The value of one of those, by its id. */
  readonly value: (id: string) => string;
  /** The text of the key behind a slot. */
  readonly key: (id: string) => string;
}

/** The records that a customer published, and the exact verdicts on them. */
export interface DiagnosisCase {
  readonly what: string;
  /** Changes the claim; a new one where absent. */
  readonly given?: (claim: Claim) => Claim;
  readonly published: (situation: Situation) => DnsRecord[];
  /** The code of each record that is not right; all others are `ok`. */
  readonly codes: Readonly<Record<string, RecordCode>>;
  /** Other people's zones, by name. */
  readonly zones?: Readonly<Record<string, readonly DnsRecord[]>>;
}

export const txt = (name: string, value: string): DnsRecord => ({ name, type: 'TXT', value });
export const cname = (name: string, value: string): DnsRecord => ({ name, type: 'CNAME', value });
export const mx = (name: string, value: string): DnsRecord => ({ name, type: 'MX', value });
export const a = (name: string, value: string): DnsRecord => ({ name, type: 'A', value });

/** The advised records, except that these names have the given records instead. */
export const instead = (
  { advised }: Situation,
  names: readonly string[],
  ...records: readonly DnsRecord[]
): DnsRecord[] => [...advised.filter(({ name }) => !names.includes(name)), ...records];

/** The advised records, with these in the place of records of their name and type. */
export const changed = ({ advised }: Situation, ...records: readonly DnsRecord[]): DnsRecord[] => [
  ...advised.filter(
    ({ name, type }) => !records.some((one) => one.name === name && one.type === type),
  ),
  ...records,
];

export const beside = ({ advised }: Situation, ...records: readonly DnsRecord[]): DnsRecord[] => [
  ...advised,
  ...records,
];

const all = customerRecords(givenClaim(), { token: 'sestoken' }, deployment);

/** The code of every record, by what it is like. */
export const each = (code: (record: CustomerRecord) => RecordCode): Record<string, RecordCode> =>
  Object.fromEntries(all.map((record) => [record.id, code(record)]));

/** The same code for every record. */
export const everything = (code: RecordCode): Record<string, RecordCode> => each(() => code);
