import { isDelegated, isSelfHosted, type Claim } from '../model/claim.ts';
import type { Deployment } from '../model/deployment.ts';
import type { RecordCode } from './codes.ts';
import { hostedRecords } from './hosted-records.ts';
import type { IdentityToken, PublishedClaim, PublishedRecord, RecordKind } from './kind.ts';
import { kinds, type RecordPurpose } from './kinds/index.ts';

/** Every purpose, in the order in which a customer's records are listed. */
export const recordPurposes = Object.keys(kinds) as RecordPurpose[];

/** A record that the customer publishes once, in their own DNS. */
export interface CustomerRecord extends PublishedRecord {
  readonly purpose: RecordPurpose;
}

/** The kind that a record is of. */
export const kindOf = ({ purpose }: Pick<CustomerRecord, 'purpose'>): RecordKind<RecordCode> =>
  kinds[purpose];

/**
 * The records that a customer publishes for a claim: those that point at ours or, where the claim
 * hosts its keys and DMARC policy itself, the texts of those to copy; of a delegated domain the NS
 * record alone.
 *
 * @param identity the domain's SES identity, undefined while SES has not given its token
 */
export function customerRecords(
  claim: Claim,
  identity: IdentityToken | undefined,
  deployment: Deployment,
): CustomerRecord[] {
  const records = checkedRecords(claim, identity, deployment);
  return isDelegated(claim) ? records.filter(isDelegation) : records;
}

/**
 * The records of a claim that checks query: those that the customer publishes and, of a delegated
 * domain, those in the zone that we make for it.
 *
 * @param identity the domain's SES identity, undefined while SES has not given its token
 */
export function checkedRecords(
  claim: Claim,
  identity: IdentityToken | undefined,
  deployment: Deployment,
): CustomerRecord[] {
  const records = cnameRecords(claim, identity, deployment);
  if (!isSelfHosted(claim)) return records;
  const hosted = hostedRecords(claim, deployment);
  return records.map((record) => {
    if (record.type !== 'CNAME') return record;
    const value = hosted.find(({ name }) => name === record.value)?.values[0];
    return { ...record, type: 'TXT', value, why: kindOf(record).whyOwn ?? record.why };
  });
}

/** Returns true if a record gives its name to a zone of ours. */
export const isDelegation = ({ purpose }: Pick<CustomerRecord, 'purpose'>): boolean =>
  purpose === 'delegation';

/**
 * The records by which a customer's names point at ours: three at the keys, those that SES asks for,
 * and those that make DMARC and SPF ours to keep right.
 *
 * @param identity the domain's SES identity, undefined while SES has not given its token
 */
export const cnameRecords = (
  claim: PublishedClaim,
  identity: IdentityToken | undefined,
  deployment: Deployment,
): CustomerRecord[] =>
  recordPurposes.flatMap((purpose) =>
    kindOf({ purpose })
      .published(claim, identity, deployment)
      .map(({ id, ...record }) => ({ id, purpose, ...record })),
  );
