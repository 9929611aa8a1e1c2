import type { Claim } from './claim.ts';
import { allKeys, PREVIOUS_KEPT_DAYS, type KeyRing, type SlotKey } from './key-ring.ts';
import type { DomainName, Label, TenantId } from './names.ts';
import { DAY_MS, later } from '../time.ts';

/** A public key has been gone from authoritative DNS this long before its private half is published. */
export const GONE_DAYS = 7;

/** A key that has left its ring, and whose private half waits, still wrapped, to be published. */
export interface WaitingKey extends SlotKey {
  readonly tenant: TenantId;
  readonly domain: DomainName;
  readonly label: Label;
  /** When it stopped to sign, ISO 8601. */
  readonly lastSignedAt: string;
  /** The claim's consent that it waits by; another, given later, does not cover it. */
  readonly consentedAt: string;
  /** Grows by one with every write; every write is conditional on it. */
  readonly revision: number;
  /** The time of the next DNS query, ISO 8601. */
  readonly dueAt: string;
  /**
   * The time since which every query found its public key gone, ISO 8601; absent where the last one
   * did not.
   */
  readonly goneSince?: string;
}

/** The private half of a key that verifies nothing any more, for everybody to have. */
export interface DisclosedKey extends Pick<WaitingKey, 'label' | 'id'> {
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  /** ISO 8601. */
  readonly disclosedAt: string;
}

/**
 * The result of the DNS queries for a public key.
 *
 * - `there`: some server still serves it.
 * - `gone`: all that were asked answered, and none does.
 * - `unknown`: some did not answer.
 */
export type Sighting = 'there' | 'gone' | 'unknown';

/**
 * The keys that a change of a claim's ring destroys, but for their private halves: those of keys that
 * signed, where the claim's tenant wants them published. One that never signed has nothing to deny.
 *
 * @param now ISO 8601
 */
export function keysToDisclose(claim: Claim, after: KeyRing, now: string): WaitingKey[] {
  const { disclosure, tenant, domain, label } = claim;
  if (disclosure === undefined) return [];
  const kept = new Set(allKeys(after).map(({ id }) => id));
  return claim.keys.flatMap((key): WaitingKey[] => {
    const { id, selector, algorithm, publicKey, wrappedPrivateKey, createdAt, lastSignedAt } = key;
    if (kept.has(id) || lastSignedAt === undefined) return [];
    const material = { id, selector, algorithm, publicKey, wrappedPrivateKey, createdAt };
    const consent = { consentedAt: disclosure.consentedAt, lastSignedAt };
    return [{ ...material, tenant, domain, label, ...consent, revision: 1, dueAt: now }];
  });
}

/** Returns true if the claim's tenant still wants this very key published. */
export const isConsentedTo = (
  { consentedAt, label }: WaitingKey,
  claim: Claim | undefined,
): claim is Claim =>
  claim?.label === label &&
  claim.lifecycle === 'live' &&
  claim.disclosure?.consentedAt === consentedAt;

/**
 * Returns the key after a query that did not lead to its being published. It is queried again in a
 * day or, once it is gone, when it has been so for long enough. A query without a result is
 * repeated.
 *
 * @param now ISO 8601
 */
export function afterLookup(key: WaitingKey, sighting: Sighting, now: string): WaitingKey {
  const { goneSince: before, ...rest } = key;
  const next = { ...rest, revision: key.revision + 1 };
  const tomorrow = later(now, DAY_MS);
  switch (sighting) {
    case 'there':
      return { ...next, dueAt: tomorrow };
    case 'unknown':
      return { ...next, dueAt: tomorrow, ...(before === undefined ? {} : { goneSince: before }) };
    case 'gone': {
      const goneSince = before ?? now;
      const free = freeFrom({ ...key, goneSince });
      return { ...next, goneSince, dueAt: free > now ? free : tomorrow };
    }
  }
}

/** Returns true if a key that a query at `now` found gone may be published. */
export const isFree = (key: WaitingKey, now: string): boolean =>
  key.goneSince !== undefined && freeFrom({ ...key, goneSince: key.goneSince }) <= now;

/**
 * Returns the later of two times: seven days after the key was first seen gone, and seven days
 * after mail signed with it may last have been under way. A ring that did right has left the second
 * behind by then.
 */
function freeFrom({ goneSince, lastSignedAt }: WaitingKey & { goneSince: string }): string {
  const seen = later(goneSince, GONE_DAYS * DAY_MS);
  const signed = later(lastSignedAt, (PREVIOUS_KEPT_DAYS + GONE_DAYS) * DAY_MS);
  return seen > signed ? seen : signed;
}
