import { isProven, type Claim, type Rotated } from '../domain/claim.ts';
import { keysToDisclose } from '../domain/disclosure.ts';
import {
  keysGone,
  nextKey,
  rotate,
  slotToRefill,
  spareKey,
  whyNotDue,
  withRevoked,
  type KeyRing,
  type NotDue,
  type Promoted,
  type RingKey,
  type SlotKey,
} from '../domain/key-ring.ts';
import type { Selector } from '../domain/names.ts';
import type { RotationOutcome } from '../domain/rotation.ts';
import { gateOf, insyncSinceOf } from './gate.ts';
import type { RotationPorts } from './ports.ts';
import type { ClaimState } from './state.ts';

/** A claim that may rotate now: it is due, and the gate is open. */
export interface Ready {
  readonly claim: Claim;
  readonly promote: Promoted;
  readonly insyncSince: string | undefined;
  /** The slot that needs a fresh key first. */
  readonly refill: Selector | undefined;
}

/** What a rotation is made for. */
export type Occasion = Pick<Rotated, 'period' | 'wave'>;

/**
 * Decides whether a claim rotates now. Where its next key's slot is broken, or not INSYNC, and it has
 * a spare that is intact, the spare is promoted instead.
 *
 * @param again whether the period's rotation having been made does not matter: a person asks for it
 */
export async function prepare(
  { claim, publication, revoked }: ClaimState,
  { period }: Occasion,
  ports: RotationPorts,
  { again = false }: { again?: boolean } = {},
): Promise<Ready | RotationOutcome> {
  if (!isProven(claim)) return { kind: 'not-signing' };
  if (!again && claim.rotated !== undefined && claim.rotated.period >= period) {
    return { kind: 'already' };
  }
  const now = ports.patience.clock.now();
  // What a restored backup has forgotten; mending writes it into the claim.
  const keys = withRevoked(claim.keys, revoked, now.toISOString());
  const attempt = async (promote: Promoted, key: RingKey): Promise<Ready | RotationOutcome> => {
    const insyncSince = insyncSinceOf(claim, key, publication);
    const notDue = whyNotDue(keys, claim.verifiedAt, insyncSince, now, promote);
    if (notDue !== undefined) return waiting(notDue, claim);
    const gate = await gateOf(claim, key, ports.resolver, 'all');
    if (!gate.open) return { kind: 'held-back', reason: gate.reason, detail: gate.detail };
    return { claim, promote, insyncSince, refill: slotToRefill(keys)?.selector };
  };
  if (keys !== claim.keys) return waiting({ reason: 'no-current' }, claim);
  const next = nextKey(keys);
  if (next === undefined) return waiting(whyNext(keys), claim);
  const first = await attempt('next', next);
  if (isReady(first) || first.kind !== 'held-back') return first;
  const spare = spareKey(keys);
  const second = spare === undefined ? first : await attempt('spare', spare);
  return isReady(second) ? second : first;
}

export const isReady = (prepared: Ready | RotationOutcome): prepared is Ready =>
  !('kind' in prepared);

const whyNext = (keys: KeyRing): NotDue =>
  keys.some(({ state }) => state === 'current') ? { reason: 'no-next' } : { reason: 'no-current' };

/** What only waits for a time is not due; the rest is held back. */
function waiting({ reason, retryAt }: NotDue, { domain }: Claim): RotationOutcome {
  if (retryAt !== undefined) return { kind: 'not-due', reason, retryAt };
  switch (reason) {
    case 'no-current':
      return {
        kind: 'held-back',
        reason: 'paused',
        detail: `${domain} has no key that may sign; its mail waits until one is in DNS.`,
      };
    case 'no-next':
      return {
        kind: 'held-back',
        reason: 'no-next',
        detail: `${domain} has no next key; a slot that shows a revoked one takes a fresh key 7 days after.`,
      };
    case 'current-too-young':
    case 'next-not-insync-long-enough':
    case 'previous-too-fresh':
      return {
        kind: 'held-back',
        reason: 'not-insync',
        detail: `The next key of ${domain} is not known to be on all of our name servers.`,
      };
  }
}

/**
 * Makes the one write that rotates: next becomes current, current previous, the fresh key next.
 *
 * @param fresh for `refill`'s slot
 * @returns the claim as written
 * @throws Conflict where somebody else wrote the claim since it was read
 */
export async function commit(
  { claim, promote, insyncSince }: Ready,
  fresh: SlotKey | undefined,
  occasion: Occasion,
  { claims, patience }: Pick<RotationPorts, 'claims' | 'patience'>,
): Promise<Claim> {
  const now = patience.clock.now().toISOString();
  const step = { promote, fresh, signingSince: claim.verifiedAt, insyncSince };
  const keys = rotate(claim.keys, step, now);
  const next: Claim = {
    ...claim,
    version: claim.version + 1,
    keys,
    rotated: { ...occasion, at: now },
  };
  const gone = keysGone(claim.keys, keys, now);
  await claims.changeKeys(claim, next, gone, keysToDisclose(claim, keys, now));
  return next;
}
