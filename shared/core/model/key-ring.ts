import type { KeyId, Selector } from './names.ts';
import { DAY_MS, HOUR_MS, later } from '../time.ts';

/**
 * - `current`: signs.
 * - `next`: published long before it signs.
 * - `previous`: published so that late mail verifies.
 * - `spare`: a third key that has never signed.
 * - `revoked`: its record is `p=`; it never signs again.
 */
export type KeyState = 'spare' | 'next' | 'current' | 'previous' | 'revoked';

export type KeyAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** The properties of a key that are fixed at its creation. */
export interface KeyMaterial {
  readonly id: KeyId;
  readonly algorithm: KeyAlgorithm;
  /** The `p=` value of its record: base64 of the SPKI (RSA) or of the raw 32 bytes (Ed25519). */
  readonly publicKey: string;
  /** The private key wrapped by KMS, base64; bound to tenant, domain, selector and key id. */
  readonly wrappedPrivateKey: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface RingKey extends KeyMaterial {
  readonly selector: Selector;
  readonly state: KeyState;
  /** Since when it has been in this state, ISO 8601. */
  readonly since?: string;
  /** When it became `current` first (ISO 8601), absent if it never was. */
  readonly firstSignedAt?: string;
  /** When it stopped being `current` last (ISO 8601), absent while it signs or if it never did. */
  readonly lastSignedAt?: string;
  /** When it was `current` before, oldest first; more than one period where a step back came between. */
  readonly signed?: readonly SigningPeriod[];
  /**
   * Of a claim that hosts its keys itself: since when every server of its domain has shown this key
   * without a break, ISO 8601; absent where they do not.
   */
  readonly seenSince?: string;
  /** The key that takes the place of this one once the customer's own DNS shows it. */
  readonly prepared?: KeyMaterial;
}

/** From when to when a key signed, ISO 8601. */
export interface SigningPeriod {
  readonly from: string;
  readonly to: string;
}

/** A key that has left the ring, its slot having taken another; its private half is not kept with it. */
export interface PastKey extends Omit<RingKey, 'wrappedPrivateKey' | 'prepared'> {
  /** When its slot took another key, ISO 8601. */
  readonly destroyedAt: string;
}

/** The three slots of a claim, in the order of the deployment's selectors. */
export type KeyRing = readonly [RingKey, RingKey, RingKey];

/**
 * The ring of a parked domain: no slot at all. Every function of a ring takes it, and finds no key;
 * the type does not have it, since whoever handles the keys of a sending domain has three.
 */
export const noKeys = [] as unknown as KeyRing;

export type SlotKey = KeyMaterial & { readonly selector: Selector };

/** The binding of a wrapped key to its place: KMS's encryption context, visible in CloudTrail. */
export interface KeyContext {
  readonly tenant: string;
  readonly domain: string;
  readonly selector: string;
  readonly keyId: string;
}

/**
 * The ring of a new claim: the first slot signs once the claim is verified, the second is next, the
 * third is the spare that the first rotation promotes to next.
 */
export function newKeyRing(keys: readonly [SlotKey, SlotKey, SlotKey]): KeyRing {
  return [
    { ...keys[0], state: 'current' },
    { ...keys[1], state: 'next' },
    { ...keys[2], state: 'spare' },
  ];
}

const inState = (state: KeyState) => (ring: KeyRing) => ring.find((key) => key.state === state);

/** The key that signs, or undefined while a compromise leaves none fit to. */
export const currentKey = inState('current');
export const nextKey = inState('next');
export const previousKey = inState('previous');
export const spareKey = inState('spare');

/** A key that signed stays published and intact this long after its last signature (FACTS: 7 days, and one of margin). */
export const PREVIOUS_KEPT_DAYS = 8;
/** A key signs only after its record has been INSYNC this long. */
export const NEXT_INSYNC_HOURS = 48;
/** A key signs at least this long before the next takes over. */
export const CURRENT_SIGNS_DAYS = 14;
/** A revoked slot shows `p=` this long before it takes a new key. */
export const REVOKED_SHOWN_DAYS = 7;

/**
 * The reason why a ring may not rotate now, and the time from which it may, where time alone
 * decides that.
 */
export interface NotDue {
  readonly reason:
    | 'current-too-young'
    | 'next-not-insync-long-enough'
    | 'previous-too-fresh'
    | 'no-next'
    | 'no-current';
  /** ISO 8601. */
  readonly retryAt?: string;
}

/** The state that the key to be promoted is in: the spare takes the place of a next key that is broken. */
export type Promoted = 'next' | 'spare';

/**
 * Checks that the ring may move on to its next key.
 *
 * @param signingSince when the claim began to sign (ISO 8601), for a first key that was never
 * promoted
 * @param insyncSince since when the record of the key to be promoted has been INSYNC (ISO 8601), if
 * it is
 * @returns undefined where it is due
 */
export function whyNotDue(
  ring: KeyRing,
  signingSince: string | undefined,
  insyncSince: string | undefined,
  now: Date,
  promote: Promoted = 'next',
): NotDue | undefined {
  const current = currentKey(ring);
  if (current === undefined) return { reason: 'no-current' };
  if (inState(promote)(ring) === undefined) return { reason: 'no-next' };
  const waits: readonly (readonly [NotDue['reason'], string | undefined, number])[] = [
    ['current-too-young', current.since ?? signingSince, CURRENT_SIGNS_DAYS * DAY_MS],
    ['next-not-insync-long-enough', insyncSince, NEXT_INSYNC_HOURS * HOUR_MS],
  ];
  for (const [reason, from, wait] of waits) {
    if (from === undefined) return { reason };
    if (now.getTime() < Date.parse(from) + wait) return { reason, retryAt: later(from, wait) };
  }
  const last = previousKey(ring)?.lastSignedAt;
  if (last !== undefined && now.getTime() < Date.parse(last) + PREVIOUS_KEPT_DAYS * DAY_MS) {
    return { reason: 'previous-too-fresh', retryAt: later(last, PREVIOUS_KEPT_DAYS * DAY_MS) };
  }
  return undefined;
}

/** A move that the ring does not allow; a defect of the caller, which must check first. */
export class IllegalMove extends Error {
  constructor(what: string) {
    super(`the key ring does not allow it: ${what}`);
    this.name = 'IllegalMove';
  }
}

/** The input of a rotation. */
export interface RotationStep {
  readonly promote: Promoted;
  /** For `slotToRefill`'s selector; undefined where that gives none. */
  readonly fresh: SlotKey | undefined;
  /** As for `whyNotDue`, ISO 8601. */
  readonly signingSince: string | undefined;
  readonly insyncSince: string | undefined;
}

/**
 * The slot that a rotation will put a new key in: the previous one. Undefined while there is a
 * spare: that one becomes next or, where the next key is broken, is promoted in its place.
 */
export const slotToRefill = (ring: KeyRing): RingKey | undefined =>
  spareKey(ring) === undefined ? previousKey(ring) : undefined;

/**
 * Makes the monthly step: next signs, and current becomes previous. The new next is the newly
 * generated key in the slot of the present previous (or, at first, the spare).
 *
 * @param now ISO 8601
 * @throws IllegalMove where it is not due, or the new key is not for the slot to be refilled
 */
export function rotate(ring: KeyRing, step: RotationStep, now: string): KeyRing {
  const { promote, fresh, signingSince, insyncSince } = step;
  const notDue = whyNotDue(ring, signingSince, insyncSince, new Date(now), promote);
  if (notDue !== undefined) throw new IllegalMove(`it is not due: ${notDue.reason}`);
  const refill = slotToRefill(ring);
  if (refill?.selector !== fresh?.selector) {
    throw new IllegalMove(
      `the fresh key is for ${fresh?.selector ?? 'no slot'}, not for ${refill?.selector ?? 'none'}`,
    );
  }
  return mapRing(ring, (key) => {
    if (key.state === promote) return promoted(key, now);
    if (key.state === 'current') return retired(key, now);
    if (fresh !== undefined && key === refill) return { ...fresh, state: 'next', since: now };
    return key.state === 'spare' ? { ...key, state: 'next', since: now } : key;
  });
}

/**
 * Moves signing from a broken current key to one that is intact: the current one becomes previous.
 * The spare, if there is one, follows the moved key as next.
 *
 * @param to the id of a previous, next or spare key
 * @param insyncSince since when its record has been INSYNC (ISO 8601); of a key that has signed
 * before
 *   it does not matter
 * @param now ISO 8601
 * @param hours that a key which never signed must have been INSYNC; 0 where no receiver finds the
 *   current key, so that any other is better
 * @throws IllegalMove where there is no current key, the other one is none of these (never a
 * revoked
 *   one), or it never signed and has not been INSYNC for so long
 */
export function moveSigning(
  ring: KeyRing,
  to: KeyId,
  insyncSince: string | undefined,
  now: string,
  hours = NEXT_INSYNC_HOURS,
): KeyRing {
  if (currentKey(ring) === undefined) throw new IllegalMove('there is no current key to move from');
  const chosen = ring.find(({ id }) => id === to);
  if (chosen === undefined || !['previous', 'next', 'spare'].includes(chosen.state)) {
    throw new IllegalMove(`${to} is ${chosen?.state ?? 'not in the ring'} and cannot sign`);
  }
  const ready = Date.parse(now) - hours * HOUR_MS;
  if (chosen.state !== 'previous' && !(Date.parse(insyncSince ?? '') <= ready)) {
    throw new IllegalMove(`${to} has not been INSYNC for ${hours} hours`);
  }
  const moved = mapRing(ring, (key) => {
    if (key === chosen) return promoted(key, now);
    return key.state === 'current' ? retired(key, now) : key;
  });
  return withNext(moved, now);
}

/**
 * Current and previous change places: the new key turned out broken, the old one is intact.
 *
 * @param now ISO 8601
 * @throws IllegalMove where there is no current or no previous key (never to a revoked one)
 */
export function stepBack(ring: KeyRing, now: string): KeyRing {
  const [latest] = ring
    .filter(({ state }) => state === 'previous')
    .toSorted((a, b) => Date.parse(b.lastSignedAt ?? '') - Date.parse(a.lastSignedAt ?? ''));
  if (latest === undefined) throw new IllegalMove('there is no previous key to step back to');
  return moveSigning(ring, latest.id, undefined, now);
}

/**
 * Revokes a key whose private half is known to others, at once. Where it was the current one, the
 * next one signs if it is fit (INSYNC and resolving). Otherwise an intact previous one signs, else
 * none until one is fit.
 *
 * @param id of the key; asked for again it changes nothing but to end the pause
 * @param fit returns true if a key may sign by the present state of DNS
 * @param now ISO 8601
 * @throws IllegalMove where the ring has no such key
 */
export function compromise(
  ring: KeyRing,
  id: KeyId,
  fit: (key: RingKey) => boolean,
  now: string,
): KeyRing {
  if (!ring.some((key) => key.id === id)) throw new IllegalMove(`${id} is not in the ring`);
  return promoteFit(withRevoked(ring, new Set([id]), now), fit, now);
}

/**
 * The ring with these keys revoked, as the append-only table of revoked keys has them; what may
 * differ from it is a claim that was restored from a backup.
 *
 * @param now ISO 8601
 * @returns the very ring where all of them are revoked in it already
 */
export function withRevoked(ring: KeyRing, ids: ReadonlySet<string>, now: string): KeyRing {
  const isMissed = (key: RingKey) => ids.has(key.id) && key.state !== 'revoked';
  if (!ring.some(isMissed)) return ring;
  return withNext(
    mapRing(ring, (key) => (isMissed(key) ? revokedKey(key, now) : key)),
    now,
  );
}

/**
 * Ends a pause of signing: promotes a key where none is current and one is fit.
 *
 * @param now ISO 8601
 */
export function promoteFit(ring: KeyRing, fit: (key: RingKey) => boolean, now: string): KeyRing {
  if (currentKey(ring) !== undefined) return ring;
  const chosen = (['next', 'previous', 'spare'] as const)
    .flatMap((state) => ring.filter((key) => key.state === state))
    .find(fit);
  if (chosen === undefined) return ring;
  return withNext(
    mapRing(ring, (key) => (key === chosen ? promoted(key, now) : key)),
    now,
  );
}

/**
 * Returns a slot that must take a new key outside the monthly rotation, if there is one. It is a
 * revoked one that has shown `p=` long enough. Where neither a revoked one will nor a next one is
 * there, it is the longest retired previous one.
 *
 * @param revokedDays days that a revoked slot stays as it is
 */
export function slotToReplace(
  ring: KeyRing,
  now: Date,
  revokedDays = REVOKED_SHOWN_DAYS,
): RingKey | undefined {
  return ring.find((key) => {
    const from = replaceableFrom(ring, key, revokedDays);
    return from !== undefined && Date.parse(from) <= now.getTime();
  });
}

/**
 * When the first slot that must take a new key outside the monthly rotation can, ISO 8601.
 *
 * @param revokedDays days that a revoked slot stays as it is
 */
export const replaceableAt = (
  ring: KeyRing,
  revokedDays = REVOKED_SHOWN_DAYS,
): string | undefined =>
  ring.flatMap((key) => replaceableFrom(ring, key, revokedDays) ?? []).toSorted()[0];

function replaceableFrom(ring: KeyRing, key: RingKey, revokedDays: number): string | undefined {
  // Its new key waits for the customer already.
  if (key.prepared !== undefined) return undefined;
  // Both wait to sign already; a third would have no part.
  if (nextKey(ring) !== undefined && spareKey(ring) !== undefined) return undefined;
  if (key.state === 'revoked') {
    return key.since === undefined ? undefined : later(key.since, revokedDays * DAY_MS);
  }
  const isWaitedFor = nextKey(ring) === undefined && !ring.some((one) => one.state === 'revoked');
  if (key.state !== 'previous' || !isWaitedFor || key.lastSignedAt === undefined) return undefined;
  return later(key.lastSignedAt, PREVIOUS_KEPT_DAYS * DAY_MS);
}

/**
 * Puts a new key into the slot that `slotToReplace` gives: as next where there is none, else as
 * spare.
 *
 * @param now ISO 8601
 * @throws IllegalMove where that is another slot, or none yet
 */
export function replaceKey(ring: KeyRing, fresh: SlotKey, now: string): KeyRing {
  const slot = slotToReplace(ring, new Date(now));
  if (slot === undefined || slot.selector !== fresh.selector) {
    throw new IllegalMove(
      `the slot ${fresh.selector} takes no fresh key now${slot === undefined ? '' : `, but ${slot.selector} does`}`,
    );
  }
  const state = nextKey(ring) === undefined ? 'next' : 'spare';
  return mapRing(ring, (key) => (key === slot ? { ...fresh, state, since: now } : key));
}

/**
 * The keys that a change of the ring destroys, for the history.
 *
 * @param now ISO 8601
 */
export function keysGone(before: KeyRing, after: KeyRing, now: string): PastKey[] {
  const kept = new Set(allKeys(after).map(({ id }) => id));
  return allKeys(before)
    .filter(({ id }) => !kept.has(id))
    .map(({ wrappedPrivateKey: _gone, prepared: _other, ...key }) => ({
      ...key,
      destroyedAt: now,
    }));
}

/** The keys of a ring with those that are prepared, which have never signed. */
export const allKeys = (ring: KeyRing): RingKey[] =>
  ring.flatMap((key) => [key, ...(preparedIn(key) ?? [])]);

const preparedIn = ({ selector, prepared }: RingKey): RingKey[] | undefined =>
  prepared && [{ ...prepared, selector, state: 'spare' }];

/**
 * Returns the key that a slot is to show: the one prepared for it, else its own.
 *
 * @returns the prepared one as the spare that it will be
 */
export const shownKey = (key: RingKey): RingKey => preparedIn(key)?.[0] ?? key;

/**
 * The slot of a self-hosted ring that needs a new key prepared outside the monthly rotation: a
 * revoked one at once, since only another record in its place takes the compromised key out of DNS.
 */
export const slotToPrepare = (ring: KeyRing, now: Date): RingKey | undefined =>
  slotToReplace(ring, now, 0);

/**
 * Prepares a new key for a slot that takes no part in signing: nothing changes before the
 * customer's DNS shows it.
 *
 * @throws IllegalMove where the slot's key signs or waits to, or another is prepared for it already
 */
export function prepareKey(ring: KeyRing, { selector, ...prepared }: SlotKey): KeyRing {
  const slot = ring.find((key) => key.selector === selector);
  const isFree = slot?.state === 'previous' || slot?.state === 'revoked';
  if (!isFree || slot.prepared !== undefined) {
    throw new IllegalMove(`no key can be prepared for ${selector}, which is ${slot?.state}`);
  }
  return mapRing(ring, (key) => (key === slot ? { ...key, prepared } : key));
}

/**
 * Puts a prepared key, which the customer's DNS shows, in the place of its slot's: as next where
 * there is none, else as spare.
 *
 * @param now ISO 8601
 * @throws IllegalMove where none is prepared for the slot
 */
export function takePrepared(ring: KeyRing, selector: Selector, now: string): KeyRing {
  const slot = ring.find((key) => key.selector === selector);
  if (slot?.prepared === undefined) throw new IllegalMove(`no key is prepared for ${selector}`);
  const state = nextKey(ring) === undefined ? 'next' : 'spare';
  const taken: RingKey = { ...slot.prepared, selector, state, since: now, seenSince: now };
  return mapRing(ring, (key) => (key === slot ? taken : key));
}

/**
 * Pauses signing, since the customer's DNS shows neither the current key nor another that is fit.
 * It resumes with the first of them that DNS shows again.
 *
 * @param now ISO 8601
 * @throws IllegalMove where there is no current key
 */
export function pauseSigning(ring: KeyRing, now: string): KeyRing {
  if (currentKey(ring) === undefined) throw new IllegalMove('there is no current key to pause');
  return withNext(
    mapRing(ring, (key) => (key.state === 'current' ? retired(key, now) : key)),
    now,
  );
}

/** Withdraws the key prepared for the slot of a key that signs: it must not be overwritten now. */
function promoted(key: RingKey, now: string): RingKey {
  const { lastSignedAt: _, prepared: _withdrawn, ...rest } = key;
  return { ...rest, state: 'current', since: now, firstSignedAt: key.firstSignedAt ?? now };
}

const retired = (key: RingKey, now: string): RingKey => ({
  ...signedUntil({ ...key, firstSignedAt: key.firstSignedAt ?? key.since ?? key.createdAt }, now),
  state: 'previous',
  since: now,
});

const revokedKey = (key: RingKey, now: string): RingKey => ({
  ...(key.state === 'current' ? signedUntil(key, now) : key),
  state: 'revoked',
  since: now,
});

/** A key that was current until now; one of a claim that was never proven has not signed. */
function signedUntil(key: RingKey, now: string): RingKey {
  const from = key.since ?? key.firstSignedAt;
  if (from === undefined) return key;
  return { ...key, lastSignedAt: now, signed: [...(key.signed ?? []), { from, to: now }] };
}

/** Puts the spare in the place of a next key that was promoted or lost. */
function withNext(ring: KeyRing, now: string): KeyRing {
  if (nextKey(ring) !== undefined) return ring;
  return mapRing(ring, (key) =>
    key.state === 'spare' ? { ...key, state: 'next', since: now } : key,
  );
}

function mapRing(ring: KeyRing, change: (key: RingKey) => RingKey): KeyRing {
  return ring.map(change) as unknown as KeyRing;
}
