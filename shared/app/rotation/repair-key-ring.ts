import { isProven, type Claim } from '#shared/core/model/claim.ts';
import { keysToDisclose } from '#shared/core/model/disclosure.ts';
import { retry, retryLimits } from '#shared/async/retry.ts';
import { currentKey, keysGone, withRevoked, type KeyRing } from '#shared/core/model/key-ring.ts';
import { noteRing } from './backlog.ts';
import { fillSlots, slotToFill, takeSeen } from './fill-slots.ts';
import { moveAway, resumeSigning, type Suspicion } from './move-signing.ts';
import type { RotationEvent, RotationPorts } from './ports.ts';
import type { RingChange } from './ring-change.ts';
import { readState, type ClaimState } from './state.ts';

export interface RepairOptions {
  readonly suspicion: Suspicion;
  /**
   * Set if slots that are due take new keys, until this time (epoch milliseconds); else
   * none is made.
   */
  readonly refillUntil?: number;
}

/** Seconds after which a domain without a key that may sign is checked again. */
export const PAUSED_AGAIN_SECONDS = 60;

/**
 * Returns true if the ring needs more than its monthly rotation, by what is known without asking
 * DNS.
 */
export const needsRepair = ({ claim, revoked }: ClaimState, now: Date): boolean =>
  isProven(claim) &&
  (currentKey(claim.keys) === undefined ||
    claim.keys.some(({ id, state }) => state !== 'revoked' && revoked.has(id)) ||
    claim.keys.some(({ prepared }) => prepared !== undefined) ||
    slotToFill(claim, claim.keys, now) !== undefined);

/**
 * Repairs a claim's ring, in one write, or none where nothing is to be done. Keys in the table of
 * revoked ones are revoked. Where none signs, the first fit one does (next, previous, spare). Where
 * the signing key is broken and another slot is intact, signing moves there. Slots that are due
 * take new keys.
 *
 * A key of a self-hosted claim signs only while the customer's DNS shows it. Prepared keys that are
 * seen there take their places, and new ones are prepared. Where no key is seen, signing pauses.
 *
 * @returns the claim as it now is; undefined where the label has none
 * @throws Conflict where others write the claim each time
 * @throws Throttled where KMS throttles to the end
 */
export async function repairKeyRing(
  hostedName: Pick<Claim, 'shard' | 'label'>,
  options: RepairOptions,
  ports: RotationPorts,
): Promise<Claim | undefined> {
  return retry(retryLimits.conflict, async () => {
    const state = await readState(ports, hostedName);
    if (state === undefined) return undefined;
    const { claim, events } = await repair(state, options, ports);
    await noteRing(claim, state.item, ports);
    for (const event of events) ports.log(event);
    return claim;
  });
}

async function repair(
  state: ClaimState,
  options: RepairOptions,
  ports: RotationPorts,
): Promise<{ claim: Claim; events: readonly RotationEvent[] }> {
  const { claim } = state;
  if (claim.lifecycle !== 'live') return { claim, events: [] };
  const at = ports.retryTime.clock.now().toISOString();
  const { keys, events } = await repairedRing(state, options, at, ports);
  if (keys === claim.keys) return { claim, events };
  const next: Claim = { ...claim, version: claim.version + 1, keys };
  const gone = keysGone(claim.keys, keys, at);
  await ports.claims.changeKeys(claim, next, gone, keysToDisclose(claim, keys, at));
  return { claim: next, events };
}

/** Takes the steps of a repair, each on the ring that the one before left. */
async function repairedRing(
  state: ClaimState,
  { suspicion, refillUntil }: RepairOptions,
  at: string,
  ports: RotationPorts,
): Promise<RingChange> {
  const { claim } = state;
  const steps: readonly ((keys: KeyRing) => RingChange | Promise<RingChange>)[] = [
    (keys) => revokedIn(keys, state, at),
    (keys) => takeSeen(keys, claim, ports, at),
    (keys) => {
      const current = currentKey(keys);
      return current === undefined
        ? resumeSigning(keys, at, state, ports)
        : moveAway(keys, current, { suspicion, at }, state, ports);
    },
    (keys) =>
      refillUntil === undefined ? { keys, events: [] } : fillSlots(keys, claim, refillUntil, ports),
  ];
  let ring: RingChange = { keys: claim.keys, events: [] };
  for (const step of steps) {
    const { keys, events } = await step(ring.keys);
    ring = { keys, events: [...ring.events, ...events] };
  }
  return ring;
}

/** Revokes the keys that are in the table of revoked ones. */
function revokedIn(ring: KeyRing, { claim, revoked }: ClaimState, at: string): RingChange {
  const { domain } = claim;
  const events = ring
    .filter(({ id, state }) => revoked.has(id) && state !== 'revoked')
    .map(({ id }): RotationEvent => ({ kind: 'revoked', domain, keyId: id }));
  return { keys: withRevoked(ring, revoked, at), events };
}
