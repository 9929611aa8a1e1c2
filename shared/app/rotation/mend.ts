import { isProven, isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import { keysToDisclose } from '#shared/core/model/disclosure.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import {
  currentKey,
  keysGone,
  moveSigning,
  NEXT_INSYNC_HOURS,
  pauseSigning,
  prepareKey,
  promoteFit,
  replaceKey,
  shownKey,
  slotToPrepare,
  slotToReplace,
  takePrepared,
  withRevoked,
  type KeyRing,
  type KeyState,
  type RingKey,
} from '#shared/core/model/key-ring.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { noKeySeen, noteRing } from './backlog.ts';
import { forgeKey } from './forge.ts';
import { gateOf, insyncSinceOf } from './gate.ts';
import type { RotationEvent, RotationPorts } from './ports.ts';
import { readState, type ClaimState } from './state.ts';

/**
 * What is thought of the key that signs.
 *
 * - `trusted`: nothing is known against it.
 * - `suspect`: a check did not find it; DNS is asked.
 * - `{ unusable }`: the signer cannot sign with this key, or receivers cannot verify what it signs,
 *   whatever DNS says.
 */
export type Suspicion = 'trusted' | 'suspect' | { readonly unusable: KeyId };

export interface MendOptions {
  readonly suspicion: Suspicion;
  /** Whether slots that are due take fresh keys, until this time (epoch milliseconds); else none is made. */
  readonly refillUntil?: number;
}

const TRIES = 4;
/** Seconds after which a domain without a key that may sign is looked at again. */
export const PAUSED_AGAIN_SECONDS = 60;

/** Whether the ring needs more than its monthly rotation, by what is known without asking DNS. */
export const needsMending = ({ claim, revoked }: ClaimState, now: Date): boolean =>
  isProven(claim) &&
  (currentKey(claim.keys) === undefined ||
    claim.keys.some(({ id, state }) => state !== 'revoked' && revoked.has(id)) ||
    claim.keys.some(({ prepared }) => prepared !== undefined) ||
    slotToFill(claim, claim.keys, now) !== undefined);

/** The slot that a fresh key is to be made for; of a self-hosted claim it is only prepared. */
const slotToFill = (claim: Claim, keys: KeyRing, now: Date): RingKey | undefined =>
  isSelfHosted(claim) ? slotToPrepare(keys, now) : slotToReplace(keys, now);

/**
 * Puts a claim's ring right, in one write: keys that are in the table of revoked ones are revoked;
 * where none signs, the first that is fit does (next, previous, spare); where the one that signs is
 * broken and another slot is intact, signing moves there; slots that are due take fresh keys. Where
 * nothing is to be done, nothing is written.
 *
 * Of a claim that hosts its keys itself, a key is only signed with while the customer's DNS shows it:
 * prepared keys that are seen there take their places, fresh ones are prepared, and where none of
 * its keys is to be seen signing pauses.
 *
 * @returns the claim as it now is; undefined where the label has none
 * @throws Conflict where others write the claim each time
 * @throws Throttled where KMS throttles to the end
 */
export async function mendClaim(
  twin: Pick<Claim, 'shard' | 'label'>,
  options: MendOptions,
  ports: RotationPorts,
): Promise<Claim | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const state = await readState(ports, twin);
    if (state === undefined) return undefined;
    try {
      const { claim, events } = await mend(state, options, ports);
      await noteRing(claim, state.item, ports);
      for (const event of events) ports.report(event);
      return claim;
    } catch (error) {
      if (!(error instanceof Conflict) || attempt === TRIES) throw error;
    }
  }
}

interface Mended {
  readonly claim: Claim;
  readonly events: readonly RotationEvent[];
}

async function mend(
  state: ClaimState,
  options: MendOptions,
  ports: RotationPorts,
): Promise<Mended> {
  const { claim, revoked } = state;
  const { domain } = claim;
  if (claim.lifecycle !== 'live') return { claim, events: [] };
  const now = ports.patience.clock.now();
  const at = now.toISOString();
  const events: RotationEvent[] = [];
  let keys = withRevoked(claim.keys, revoked, at);
  for (const { id, state: before } of claim.keys) {
    if (revoked.has(id) && before !== 'revoked')
      events.push({ kind: 'revoked', domain, keyId: id });
  }
  const taken = await takeSeen(keys, state, ports, at);
  events.push(...taken.events);
  ({ keys } = taken);
  if (currentKey(keys) === undefined) {
    const fit = await firstIntact(keys, ['next', 'previous', 'spare'], 0, state, ports);
    keys = promoteFit(keys, ({ id }) => id === fit?.id, at);
    if (fit !== undefined) events.push({ kind: 'resumed', domain, keyId: fit.id });
    else if (currentKey(claim.keys) !== undefined) {
      const { detail } = noKeySeen(claim);
      events.push(
        isSelfHosted(claim) ? { kind: 'unseen', domain, detail } : { kind: 'paused', domain },
      );
    }
  } else {
    const moved = await moveAway(keys, state, options.suspicion, ports, at);
    if (moved !== undefined) {
      ({ keys } = moved);
      events.push(moved.event);
    }
  }
  const refilled = await refill(keys, claim, options, ports);
  events.push(...refilled.events);
  ({ keys } = refilled);
  if (keys === claim.keys) return { claim, events: [] };
  const next: Claim = { ...claim, version: claim.version + 1, keys };
  const gone = keysGone(claim.keys, keys, at);
  await ports.claims.changeKeys(claim, next, gone, keysToDisclose(claim, keys, at));
  return { claim: next, events };
}

/** Takes in the prepared keys that the customer's DNS shows. */
async function takeSeen(
  ring: KeyRing,
  { claim }: ClaimState,
  { resolver }: RotationPorts,
  at: string,
): Promise<{ keys: KeyRing; events: RotationEvent[] }> {
  const events: RotationEvent[] = [];
  let keys = ring;
  for (const slot of isProven(claim) ? ring : []) {
    if (slot.prepared === undefined) continue;
    // While mail waits, it is not to wait for the last resolver's memory too.
    const agreement = currentKey(keys) === undefined ? 'most' : 'all';
    if (!(await gateOf(claim, shownKey(slot), resolver, agreement)).open) continue;
    const { selector, prepared } = slot;
    keys = takePrepared(keys, selector, at);
    events.push({ kind: 'taken', domain: claim.domain, keyId: prepared.id, selector });
  }
  return { keys, events };
}

/**
 * Moves signing away from a key that is broken; undefined where it is not, or no other is intact. Of a
 * self-hosted claim it pauses then.
 */
async function moveAway(
  keys: KeyRing,
  state: ClaimState,
  suspicion: Suspicion,
  ports: RotationPorts,
  at: string,
): Promise<{ keys: KeyRing; event: RotationEvent } | undefined> {
  const current = currentKey(keys);
  if (current === undefined || suspicion === 'trusted') return undefined;
  const broken = await whyBroken(current, state.claim, suspicion, ports);
  if (broken === undefined) return undefined;
  const { reason, isCertain } = broken;
  const hours = NEXT_INSYNC_HOURS;
  const to = await firstIntact(keys, ['previous', 'next', 'spare'], hours, state, ports);
  const { domain } = state.claim;
  if (to === undefined) {
    if (!isCertain || !isSelfHosted(state.claim)) return undefined;
    return { keys: pauseSigning(keys, at), event: { kind: 'unseen', domain, detail: reason } };
  }
  const insyncSince = insyncOf(state, to);
  return {
    keys: moveSigning(keys, to.id, insyncSince, at),
    event: { kind: 'moved', domain, from: current.id, to: to.id, reason },
  };
}

/** @returns `isCertain` where the customer's own DNS does not show it, rather than what receivers make of it */
async function whyBroken(
  current: RingKey,
  claim: Claim,
  suspicion: Exclude<Suspicion, 'trusted'>,
  ports: RotationPorts,
): Promise<{ reason: string; isCertain: boolean } | undefined> {
  if (suspicion !== 'suspect') {
    // Meanwhile another may sign.
    if (suspicion.unusable !== current.id) return undefined;
    const reason = 'the signer cannot sign with it, or receivers report that they cannot verify it';
    return { reason, isCertain: false };
  }
  const gate = await gateOf(claim, current, ports.resolver, 'most');
  if (gate.open || gate.reason === 'dns-unknown') return undefined;
  return { reason: gate.detail, isCertain: gate.reason !== 'key-differs' };
}

/**
 * The first key, in the order of these states, that receivers would find.
 *
 * @param hours that a key which never signed must have been INSYNC for
 */
async function firstIntact(
  keys: KeyRing,
  order: readonly KeyState[],
  hours: number,
  state: ClaimState,
  ports: RotationPorts,
): Promise<RingKey | undefined> {
  const latest = ports.patience.clock.now().getTime() - hours * 3_600_000;
  const candidates = order.flatMap((wanted) =>
    keys.filter((each) => each.state === wanted).toSorted(byLastSigned),
  );
  for (const key of candidates.toSorted(byPrepared)) {
    const since = insyncOf(state, key);
    if (since === undefined || (key.state !== 'previous' && Date.parse(since) > latest)) continue;
    if ((await gateOf(state.claim, key, ports.resolver, 'most')).open) return key;
  }
  return undefined;
}

/** Those whose record the customer may be about to change come last. */
const byPrepared = (a: RingKey, b: RingKey): number =>
  Number(a.prepared !== undefined) - Number(b.prepared !== undefined);

const byLastSigned = (a: RingKey, b: RingKey): number =>
  (b.lastSignedAt ?? '').localeCompare(a.lastSignedAt ?? '');

const insyncOf = ({ claim, publication }: ClaimState, key: RingKey): string | undefined =>
  insyncSinceOf(claim, key, publication);

/** Fresh keys for the slots that are due for one. */
async function refill(
  ring: KeyRing,
  claim: Claim,
  { refillUntil }: MendOptions,
  ports: RotationPorts,
): Promise<{ keys: KeyRing; events: RotationEvent[] }> {
  const { clock } = ports.patience;
  const events: RotationEvent[] = [];
  let keys = ring;
  if (refillUntil === undefined || !isProven(claim)) return { keys, events };
  for (;;) {
    const slot = slotToFill(claim, keys, clock.now());
    if (slot === undefined) return { keys, events };
    const { selector } = slot;
    const fresh = await forgeKey(selector, claim, ports, refillUntil);
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
