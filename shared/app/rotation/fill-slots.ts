import { isProven, isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import {
  currentKey,
  prepareKey,
  replaceKey,
  shownKey,
  slotToPrepare,
  slotToReplace,
  takePrepared,
  type KeyRing,
  type RingKey,
} from '#shared/core/model/key-ring.ts';
import { forgeKey } from './forge.ts';
import { dnsPrecheck } from './dns-precheck.ts';
import type { RotationEvent, RotationPorts } from './ports.ts';
import type { RingChange } from './ring-change.ts';

/** The slot that a new key is to be made for; of a self-hosted claim it is only prepared. */
export const slotToFill = (claim: Claim, keys: KeyRing, now: Date): RingKey | undefined =>
  isSelfHosted(claim) ? slotToPrepare(keys, now) : slotToReplace(keys, now);

/**
 * Takes in the prepared keys that the customer's DNS shows.
 *
 * @param at ISO 8601
 */
export async function takeSeen(
  ring: KeyRing,
  claim: Claim,
  { resolver }: RotationPorts,
  at: string,
): Promise<RingChange> {
  const events: RotationEvent[] = [];
  let keys = ring;
  for (const slot of isProven(claim) ? ring : []) {
    if (slot.prepared === undefined) continue;
    // While mail waits, it is not to wait for the last resolver's memory too.
    const agreement = currentKey(keys) === undefined ? 'most' : 'all';
    if (!(await dnsPrecheck(claim, shownKey(slot), resolver, agreement)).open) continue;
    const { selector, prepared } = slot;
    keys = takePrepared(keys, selector, at);
    events.push({ kind: 'taken', domain: claim.domain, keyId: prepared.id, selector });
  }
  return { keys, events };
}

/**
 * Makes new keys for the slots that are due for one.
 *
 * @param until epoch milliseconds
 * @throws Throttled where KMS throttles to the end
 */
export async function fillSlots(
  ring: KeyRing,
  claim: Claim,
  until: number,
  ports: RotationPorts,
): Promise<RingChange> {
  const { clock } = ports.retryTime;
  const events: RotationEvent[] = [];
  let keys = ring;
  if (!isProven(claim)) return { keys, events };
  for (;;) {
    const slot = slotToFill(claim, keys, clock.now());
    if (slot === undefined) return { keys, events };
    const { selector } = slot;
    const fresh = await forgeKey(selector, claim, ports, until);
    const names = { domain: claim.domain, keyId: fresh.id, selector };
    if (isSelfHosted(claim)) {
      keys = prepareKey(keys, fresh);
      events.push({ kind: 'prepared', ...names });
    } else {
      keys = replaceKey(keys, fresh, clock.now().toISOString());
      events.push({ kind: 'refilled', ...names });
    }
  }
}
