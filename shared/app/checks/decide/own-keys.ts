import type { Claim } from '#shared/core/model/claim.ts';
import { shownKey, type KeyRing, type RingKey } from '#shared/core/model/key-ring.ts';
import { hostedKeyName, slotName } from '#shared/core/records/kinds/dkim/names.ts';
import { showsKey } from '#shared/core/records/key-text.ts';
import { answersTo, type Observations } from '../lookup/observations.ts';
import { keyQuestion } from '../lookup/questions.ts';

/**
 * Returns true if receivers find a key of a self-hosted claim at every server of its domain that
 * answers. The only TXT record shows it or, where the name points at us, a resolver reaches it.
 *
 * @returns undefined where DNS did not answer
 */
export function keySeen(
  claim: Claim,
  key: RingKey,
  observations: Observations,
): boolean | undefined {
  const name = slotName(key.selector, claim.domain);
  const target = hostedKeyName(claim, key.selector);
  const own = answersTo(observations, { view: 'authoritative', name, type: 'TXT' });
  if (own.length === 0) return undefined;
  const shows = (texts: readonly string[]): boolean =>
    texts.length === 1 && showsKey(texts[0] as string, key);
  const copies = own.filter(({ cnames }) => cnames.length === 0);
  const cnamesToUs = own.filter(({ cnames }) => cnames[0] === target);
  if (copies.length + cnamesToUs.length < own.length) return false;
  if (!copies.every(({ values }) => shows(values))) return false;
  if (cnamesToUs.length === 0) return true;
  const found = answersTo(observations, keyQuestion({ name })).filter(
    ({ outcome }) => outcome !== 'unknown',
  );
  // One is enough, since another may remember for a while what was before.
  return found.length === 0 ? undefined : found.some(({ values }) => shows(values));
}

/** Returns true if a key that is prepared for any slot is seen in its place. */
export const preparedSeen = (claim: Claim, observations: Observations): boolean =>
  claim.keys.some(
    (slot) => slot.prepared !== undefined && keySeen(claim, shownKey(slot), observations) === true,
  );

/**
 * The ring with what was seen of each key noted; the very ring where that is as it was.
 *
 * @param at ISO 8601
 */
export function withSeen(claim: Claim, observations: Observations, at: string): KeyRing {
  const keys = claim.keys.map((key) => {
    const seen = keySeen(claim, key, observations);
    if (seen === undefined || seen === (key.seenSince !== undefined)) return key;
    const { seenSince: _, ...rest } = key;
    return seen ? { ...rest, seenSince: at } : rest;
  }) as unknown as KeyRing;
  return keys.every((key, index) => key === claim.keys[index]) ? claim.keys : keys;
}
