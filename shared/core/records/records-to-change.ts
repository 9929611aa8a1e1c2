import type { Claim } from '../model/claim.ts';
import { shownKey, type RingKey } from '../model/key-ring.ts';
import type { KeyId, Selector } from '../model/names.ts';
import { hostedKey } from './kinds/dkim/hosted.ts';
import { slotName } from './kinds/dkim/names.ts';

/** A record that the customer of a self-hosted claim is to change, so that a prepared key comes into use. */
export interface RecordToChange {
  readonly selector: Selector;
  readonly keyId: KeyId;
  /** Full name, lower case, no trailing dot; the record's type is TXT. */
  readonly name: string;
  /** The new value. */
  readonly value: string;
  /**
   * - `rotation`: the key there signed long ago, and the one that takes its place signs later.
   * - `compromise`: the key there is known to others, who can use it for as long as it is there.
   */
  readonly reason: 'rotation' | 'compromise';
  /** When the key was prepared, ISO 8601. */
  readonly since: string;
  /** Until when it is best changed (ISO 8601): the next monthly run, or at once. Later is no error. */
  readonly by: string;
}

/** The records that a customer is to change, in the order of the slots. */
export const recordsToChange = (claim: Claim): RecordToChange[] =>
  claim.keys.flatMap((slot) => toChange(claim, slot) ?? []);

function toChange(claim: Claim, slot: RingKey): RecordToChange | undefined {
  if (slot.prepared === undefined) return undefined;
  const { selector, prepared, state } = slot;
  const { createdAt: since } = prepared;
  const reason = state === 'revoked' ? 'compromise' : 'rotation';
  return {
    selector,
    keyId: prepared.id,
    name: slotName(selector, claim.domain),
    value: hostedKey(claim, shownKey(slot)).values[0] ?? '',
    reason,
    since,
    by: reason === 'compromise' ? since : nextRun(since),
  };
}

/** The next 1st of a month, UTC, when the rotation runs. */
export function nextRun(after: string): string {
  const date = new Date(after);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)).toISOString();
}

/** Returns the customer's instructions, a sentence for each record. */
export const instructionsOf = (records: readonly RecordToChange[]): string =>
  records.map(({ name, value }) => `Change the TXT record named ${name} to: ${value}`).join(' ');
