import type { KeyId, Selector } from './names.ts';

/**
 * - `current`: signs.
 * - `next`: published long before it signs.
 * - `previous`: published so that late mail verifies.
 * - `spare`: a third key that has never signed.
 * - `revoked`: its record is `p=`; it never signs again.
 */
export type KeyState = 'spare' | 'next' | 'current' | 'previous' | 'revoked';

export type KeyAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

/** What is born with a key and never changes. */
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
}

/** The three slots of a claim, in the order of the deployment's selectors. */
export type KeyRing = readonly [RingKey, RingKey, RingKey];

export type SlotKey = KeyMaterial & { readonly selector: Selector };

/** What binds a wrapped key to its place: KMS's encryption context, visible in CloudTrail. */
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

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** A key that signed stays published and intact this long after its last signature (FACTS: 7 days, and one of margin). */
export const PREVIOUS_KEPT_DAYS = 8;
/** A key signs only after its record has been INSYNC this long. */
export const NEXT_INSYNC_HOURS = 48;
/** A key signs at least this long before the next takes over. */
export const CURRENT_SIGNS_DAYS = 14;
/** A revoked slot shows `p=` this long before it takes a fresh key. */
export const REVOKED_SHOWN_DAYS = 7;

/** Why a ring may not rotate now, and from when on it may, where time alone decides that. */
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

/**
 * Whether the ring may move on to its next key.
 *
 * @param signingSince when the claim began to sign (ISO 8601), for a first key that was never promoted
 * @param nextInsyncSince since when the next key's record has been INSYNC (ISO 8601), if it is
 * @returns undefined where it is due
 */
export function whyNotDue(
  ring: KeyRing,
  signingSince: string | undefined,
  nextInsyncSince: string | undefined,
  now: Date,
): NotDue | undefined {
  const current = currentKey(ring);
  if (current === undefined) return { reason: 'no-current' };
  if (nextKey(ring) === undefined) return { reason: 'no-next' };
  const waits: readonly (readonly [NotDue['reason'], string | undefined, number])[] = [
    ['current-too-young', current.since ?? signingSince, CURRENT_SIGNS_DAYS * DAY],
    ['next-not-insync-long-enough', nextInsyncSince, NEXT_INSYNC_HOURS * HOUR],
  ];
  for (const [reason, from, wait] of waits) {
    if (from === undefined) return { reason };
    if (now.getTime() < Date.parse(from) + wait) return { reason, retryAt: later(from, wait) };
  }
  const last = previousKey(ring)?.lastSignedAt;
  if (last !== undefined && now.getTime() < Date.parse(last) + PREVIOUS_KEPT_DAYS * DAY) {
    return { reason: 'previous-too-fresh', retryAt: later(last, PREVIOUS_KEPT_DAYS * DAY) };
  }
  return undefined;
}

const later = (from: string, wait: number) => new Date(Date.parse(from) + wait).toISOString();

/** A move that the ring does not allow; a defect of the caller, since it is asked to look first. */
export class IllegalMove extends Error {
  constructor(what: string) {
    super(`the key ring does not allow it: ${what}`);
    this.name = 'IllegalMove';
  }
}

/** The slot that a rotation will put a fresh key in: the previous one; undefined while there is a spare. */
export const slotToRefill = (ring: KeyRing): RingKey | undefined => previousKey(ring);

/**
 * The monthly step: next signs, current becomes previous, and the next after it is the fresh key in
 * the slot of the present previous (or, at first, the spare).
 *
 * @param fresh for `slotToRefill`'s selector; undefined where that gives none
 * @param now ISO 8601
 * @throws IllegalMove where there is no current or no next, or the fresh key is not for that slot
 */
export function rotate(ring: KeyRing, fresh: SlotKey | undefined, now: string): KeyRing {
  if (currentKey(ring) === undefined)
    throw new IllegalMove('there is no current key to rotate away from');
  if (nextKey(ring) === undefined) throw new IllegalMove('there is no next key to rotate to');
  const refill = slotToRefill(ring);
  if (refill?.selector !== fresh?.selector) {
    throw new IllegalMove(
      `the fresh key is for ${fresh?.selector ?? 'no slot'}, not for ${refill?.selector ?? 'none'}`,
    );
  }
  return mapRing(ring, (key) => {
    switch (key.state) {
      case 'next':
        return promoted(key, now);
      case 'current':
        return retired(key, now);
      case 'previous':
        return { ...requireFresh(key, fresh), state: 'next', since: now };
      case 'spare':
        return { ...key, state: 'next', since: now };
      case 'revoked':
        return key;
    }
  });
}

/**
 * Current and previous change places: the new key turned out broken, the old one is intact.
 *
 * @param now ISO 8601
 * @throws IllegalMove where there is no current or no previous key (never to a revoked one)
 */
export function stepBack(ring: KeyRing, now: string): KeyRing {
  if (currentKey(ring) === undefined) throw new IllegalMove('there is no current key to step back from');
  if (previousKey(ring) === undefined)
    throw new IllegalMove('there is no previous key to step back to');
  return mapRing(ring, (key) => {
    if (key.state === 'previous') return promoted(key, now);
    return key.state === 'current' ? retired(key, now) : key;
  });
}

/**
 * The present key's private half is known to others: it is revoked at once, and the next one signs
 * if it is fit (INSYNC and resolving), else an intact previous one, else none until one is.
 *
 * @param fit whether each key may sign as DNS stands now
 * @param now ISO 8601
 * @throws IllegalMove where there is no current key (it is revoked already)
 */
export function compromise(ring: KeyRing, fit: (key: RingKey) => boolean, now: string): KeyRing {
  const current = currentKey(ring);
  if (current === undefined) throw new IllegalMove('there is no current key to revoke');
  const revoked = mapRing(ring, (key) => (key === current ? revokedKey(key, now) : key));
  return promoteFit(revoked, fit, now);
}

/**
 * Ends a pause of signing: promotes a key where none is current and one is fit.
 *
 * @param now ISO 8601
 */
export function promoteFit(ring: KeyRing, fit: (key: RingKey) => boolean, now: string): KeyRing {
  if (currentKey(ring) !== undefined) return ring;
  const chosen = [nextKey(ring), previousKey(ring), spareKey(ring)].find(
    (key) => key !== undefined && fit(key),
  );
  if (chosen === undefined) return ring;
  const signing = mapRing(ring, (key) => (key === chosen ? promoted(key, now) : key));
  if (nextKey(signing) !== undefined) return signing;
  return mapRing(signing, (key) =>
    key.state === 'spare' ? { ...key, state: 'next', since: now } : key,
  );
}

/** A revoked slot that has shown `p=` long enough to take a fresh key, if there is one. */
export function slotToReplace(ring: KeyRing, now: Date): RingKey | undefined {
  return ring.find(
    (key) =>
      key.state === 'revoked' &&
      key.since !== undefined &&
      now.getTime() >= Date.parse(key.since) + REVOKED_SHOWN_DAYS * DAY,
  );
}

/**
 * Puts a fresh key into a revoked slot: as next where there is none, else as spare.
 *
 * @param now ISO 8601
 * @throws IllegalMove where the slot of that selector is not revoked, or has not shown it long enough
 */
export function replaceRevoked(ring: KeyRing, fresh: SlotKey, now: string): KeyRing {
  const slot = ring.find((key) => key.selector === fresh.selector);
  if (slot?.state !== 'revoked') throw new IllegalMove(`${fresh.selector} is not revoked`);
  if (now < later(slot.since ?? now, REVOKED_SHOWN_DAYS * DAY)) {
    throw new IllegalMove(`${fresh.selector} must show p= for ${REVOKED_SHOWN_DAYS} days first`);
  }
  const state = nextKey(ring) === undefined ? 'next' : 'spare';
  return mapRing(ring, (key) => (key === slot ? { ...fresh, state, since: now } : key));
}

function promoted(key: RingKey, now: string): RingKey {
  const { lastSignedAt: _, ...rest } = key;
  return { ...rest, state: 'current', since: now, firstSignedAt: key.firstSignedAt ?? now };
}

const retired = (key: RingKey, now: string): RingKey => ({
  ...key,
  state: 'previous',
  since: now,
  firstSignedAt: key.firstSignedAt ?? key.since ?? key.createdAt,
  lastSignedAt: now,
});

const revokedKey = (key: RingKey, now: string): RingKey => ({
  ...key,
  state: 'revoked',
  since: now,
  ...(key.state === 'current' ? { lastSignedAt: now } : {}),
});

function requireFresh(key: RingKey, fresh: SlotKey | undefined): SlotKey {
  if (fresh === undefined) throw new IllegalMove(`the slot ${key.selector} needs a fresh key`);
  return fresh;
}

function mapRing(ring: KeyRing, change: (key: RingKey) => RingKey): KeyRing {
  return [change(ring[0]), change(ring[1]), change(ring[2])];
}
