import type { Claim } from '../../../model/claim.ts';
import { shownKey, type RingKey } from '../../../model/key-ring.ts';
import { hostedText, isGone, type HostedPart, type HostedRecord } from '../../hosted-record.ts';
import { hostedKeyName } from './names.ts';

/** The record that a key of a claim is found by; what a slot shows is that of its `shownKey`. */
export const hostedKey = (claim: Claim, key: RingKey): HostedRecord =>
  hostedText(
    hostedKeyName(claim, key.selector),
    keyRecord(key, isGone(claim) || key.state === 'revoked'),
  );

/** The three keys of a claim; revoked (`p=`, RFC 6376 §3.6.1) once it is gone. */
export const hostedKeys: HostedPart = {
  most: 3,
  records: (claim) => claim.keys.map((key) => hostedKey(claim, shownKey(key))),
};

/** The text of a key record (RFC 6376 §3.6.1, RFC 8463 §4); an empty `p=` says revoked. */
function keyRecord(key: RingKey, revoked: boolean): string {
  const type = key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519';
  return `v=DKIM1; k=${type}; p=${revoked ? '' : key.publicKey}`;
}
