import type { Claim } from '../model/claim.ts';
import type { Deployment } from '../model/deployment.ts';
import type { KeyRing, RingKey } from '../model/key-ring.ts';
import { hostedRecords } from './hosted-records.ts';
import type { HostedRecord } from './hosted-record.ts';

/**
 * Returns a claim's records to publish: its hosted records, with an empty `p=` for any key that was
 * ever revoked. So a claim restored from a backup revives none.
 *
 * @param revoked ids of the claim's keys that are in the table of revoked keys
 * @throws Error where the records of this claim cannot be made
 */
export function desiredRecords(
  claim: Claim,
  revoked: ReadonlySet<string>,
  deployment: Deployment,
): HostedRecord[] {
  const revoke = (key: RingKey): RingKey =>
    revoked.has(key.id) ? { ...key, state: 'revoked' } : key;
  const keys = claim.keys.map(revoke) as unknown as KeyRing;
  return hostedRecords({ ...claim, keys }, deployment);
}
