import { isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import {
  currentKey,
  moveSigning,
  NEXT_INSYNC_HOURS,
  pauseSigning,
  promoteFit,
  type KeyRing,
  type KeyState,
  type RingKey,
} from '#shared/core/model/key-ring.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { noKeySeen } from './backlog.ts';
import { dnsPrecheck, insyncSinceOf } from './dns-precheck.ts';
import { queryKey } from '../sending/query-key.ts';
import { slotName } from '#shared/core/records/kinds/dkim/names.ts';
import type { AbsentKey } from '../ports/rotation-requests.ts';
import type { RotationPorts } from './ports.ts';
import type { RingChange } from './ring-change.ts';
import type { ClaimState } from './state.ts';
import { HOUR_MS } from '#shared/core/time.ts';

/**
 * The state of the key that signs.
 *
 * - `trusted`: nothing is known against it.
 * - `suspect`: a check did not find it; DNS is asked.
 * - `{ unusable }`: the signer cannot sign with this key, or receivers cannot verify what it signs,
 *   even if DNS shows it.
 * - `{ absent }`: the customer's own servers said twice that receivers do not find this key.
 */
export type Suspicion =
  | 'trusted'
  | 'suspect'
  | { readonly unusable: KeyId }
  | { readonly absent: AbsentKey };

/**
 * Ends a pause of signing: promotes the first key that is fit (next, previous, spare). Where none is
 * and one has signed until now, the pause begins.
 *
 * @param keys a ring without a current key
 * @param at ISO 8601
 */
export async function resumeSigning(
  keys: KeyRing,
  at: string,
  state: ClaimState,
  ports: RotationPorts,
): Promise<RingChange> {
  const { claim } = state;
  const { domain } = claim;
  const fit = await firstIntact(keys, ['next', 'previous', 'spare'], 0, state, ports);
  if (fit !== undefined) {
    const resumed = promoteFit(keys, ({ id }) => id === fit.id, at);
    return { keys: resumed, events: [{ kind: 'resumed', domain, keyId: fit.id }] };
  }
  if (currentKey(claim.keys) === undefined) return { keys, events: [] };
  const paused = isSelfHosted(claim)
    ? ({ kind: 'unseen', domain, detail: noKeySeen(claim).detail } as const)
    : ({ kind: 'paused', domain } as const);
  return { keys, events: [paused] };
}

/**
 * Moves signing away from the current key where that is broken and another is intact. Where none is,
 * signing of a self-hosted claim pauses.
 *
 * @param at ISO 8601
 */
export async function moveAway(
  keys: KeyRing,
  current: RingKey,
  { suspicion, at }: { readonly suspicion: Suspicion; readonly at: string },
  state: ClaimState,
  ports: RotationPorts,
): Promise<RingChange> {
  const { claim } = state;
  const { domain } = claim;
  const broken = await whyBroken(current, claim, suspicion, ports);
  if (broken === undefined) return { keys, events: [] };
  const { reason, isCertain } = broken;
  // No mail verifies with the present key: any slot that resolves is better, at any age.
  const absent =
    typeof suspicion === 'object' && 'absent' in suspicion ? suspicion.absent : undefined;
  const hours = absent === undefined ? NEXT_INSYNC_HOURS : 0;
  const to = await firstIntact(keys, ['previous', 'next', 'spare'], hours, state, ports);
  if (to !== undefined) {
    const moved = moveSigning(keys, to.id, insyncOf(state, to), at, hours);
    return {
      keys: moved,
      events: [{ kind: 'moved', domain, from: current.id, to: to.id, reason }],
    };
  }
  if (absent !== undefined && !isSelfHosted(claim)) {
    const { tenant, label } = claim;
    const { since } = absent;
    const { id: keyId, selector } = current;
    return {
      keys,
      events: [
        { kind: 'unpublished', domain, tenant, label, keyId, selector, since, detail: reason },
      ],
    };
  }
  if (!isCertain || !isSelfHosted(claim)) return { keys, events: [] };
  return { keys: pauseSigning(keys, at), events: [{ kind: 'unseen', domain, detail: reason }] };
}

/** @returns `isCertain` where the customer's own DNS does not show it, rather than what receivers make of it */
async function whyBroken(
  current: RingKey,
  claim: Claim,
  suspicion: Suspicion,
  ports: RotationPorts,
): Promise<{ reason: string; isCertain: boolean } | undefined> {
  if (suspicion === 'trusted') return undefined;
  if (suspicion !== 'suspect') {
    // Meanwhile another may sign.
    if (keyOf(suspicion) !== current.id) return undefined;
    if ('absent' in suspicion) return whyAbsent(current, claim, ports);
    const reason = 'the signer cannot sign with it, or receivers report that they cannot verify it';
    return { reason, isCertain: false };
  }
  const precheck = await dnsPrecheck(claim, current, ports.resolver, 'most');
  if (precheck.open || precheck.reason === 'dns-unknown') return undefined;
  return { reason: precheck.detail, isCertain: precheck.reason !== 'key-differs' };
}

const keyOf = (suspicion: Exclude<Suspicion, string>): KeyId =>
  'absent' in suspicion ? suspicion.absent.keyId : suspicion.unusable;

/** Asks once more, since the record may be back. */
async function whyAbsent(
  current: RingKey,
  claim: Claim,
  ports: RotationPorts,
): Promise<{ reason: string; isCertain: boolean } | undefined> {
  if ((await queryKey(claim, current, ports.resolver)) !== 'absent') return undefined;
  const name = slotName(current.selector, claim.domain);
  const reason = `No name server of ${claim.domain} leads receivers to the key at ${name}.`;
  return { reason, isCertain: true };
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
  const latest = ports.retryTime.clock.now().getTime() - hours * HOUR_MS;
  const candidates = order.flatMap((wanted) =>
    keys.filter((each) => each.state === wanted).toSorted(byLastSigned),
  );
  for (const key of candidates.toSorted(byPrepared)) {
    const since = insyncOf(state, key);
    if (since === undefined || (key.state !== 'previous' && Date.parse(since) > latest)) continue;
    if ((await dnsPrecheck(state.claim, key, ports.resolver, 'most')).open) return key;
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
