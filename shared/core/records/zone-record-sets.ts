import type { Claim } from '../model/claim.ts';
import type { Deployment } from '../model/deployment.ts';
import { checkedRecords, isDelegation } from './customer-records.ts';
import { absolute } from './exported-record.ts';
import type { IdentityToken } from './kind.ts';
import { nameServerOf } from './kinds/delegation.ts';
import { encodeTxt } from './txt.ts';

/** A record set in Route 53's own form: values quoted and escaped, names with their final dot. */
export interface ZoneRecordSet {
  /** Full name, lower case, no trailing dot. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'NS' | 'TXT';
  /** Seconds. */
  readonly ttl: number;
  readonly values: readonly string[];
}

/** One change of a record set; of a DELETE the set is exactly the present one. */
export interface ZoneChange {
  readonly action: 'UPSERT' | 'DELETE';
  readonly set: ZoneRecordSet;
}

/** Seconds; the zone may come to be another label's. */
const TTL = 300;

/**
 * The record sets of a delegated domain's zone: what a customer with CNAMEs publishes, and as its name
 * server the one that the zone above names (RFC 1034 §4.2.2).
 *
 * @param identity the domain's SES identity, undefined while SES has not given its token
 */
export function zoneRecordSets(
  claim: Claim,
  identity: IdentityToken | undefined,
  deployment: Deployment,
): ZoneRecordSet[] {
  const server = absolute(nameServerOf(claim.label, deployment.zone));
  const records = checkedRecords(claim, identity, deployment).filter((one) => !isDelegation(one));
  return [
    { name: claim.domain, type: 'NS', ttl: TTL, values: [server] },
    ...records.flatMap(({ name, type, value }): ZoneRecordSet[] =>
      value === undefined
        ? []
        : [{ name, type, ttl: TTL, values: [type === 'TXT' ? encodeTxt(value) : absolute(value)] }],
    ),
  ];
}

/** The changes that turn what a zone has into what it should have. */
export function zoneChanges(
  desired: readonly ZoneRecordSet[],
  present: readonly ZoneRecordSet[],
): ZoneChange[] {
  const wanted = new Set(desired.map(keyOf));
  const now = new Map(present.map((set) => [keyOf(set), contentOf(set)]));
  return [
    ...present
      .filter((set) => !wanted.has(keyOf(set)))
      .map((set): ZoneChange => ({ action: 'DELETE', set })),
    ...desired
      .filter((set) => now.get(keyOf(set)) !== contentOf(set))
      .map((set): ZoneChange => ({ action: 'UPSERT', set })),
  ];
}

const keyOf = ({ name, type }: ZoneRecordSet): string => `${name} ${type}`;
const contentOf = ({ ttl, values }: ZoneRecordSet): string =>
  JSON.stringify([ttl, values.toSorted()]);
