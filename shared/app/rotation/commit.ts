import type { Claim } from '#shared/core/model/claim.ts';
import { keysToDisclose } from '#shared/core/model/disclosure.ts';
import {
  currentKey,
  keysGone,
  prepareKey,
  rotate,
  type SlotKey,
} from '#shared/core/model/key-ring.ts';
import type { RotationOutcome } from '#shared/core/model/rotation.ts';
import type { RotationPorts } from './ports.ts';
import { toBeChanged } from './prepare.ts';
import type { Occasion, Ready } from './step.ts';

/** A step that was made, and what became of the rotation by it. */
export interface Committed {
  readonly claim: Claim;
  readonly outcome: RotationOutcome;
}

type CommitPorts = Pick<RotationPorts, 'claims' | 'retryTime' | 'log'>;

/**
 * Makes the one write of a step, and reports it.
 *
 * @param fresh for `refill`'s slot
 * @throws Conflict where another writer wrote the claim since it was read
 */
export const commit = (
  ready: Ready,
  fresh: SlotKey | undefined,
  occasion: Occasion,
  ports: CommitPorts,
): Promise<Committed> =>
  ready.step === 'prepare' && fresh !== undefined
    ? commitPrepared(ready, fresh, ports)
    : commitRotated(ready, fresh, occasion, ports);

/** The new key waits for the customer's DNS to show it. */
async function commitPrepared(
  { claim: before }: Ready,
  fresh: SlotKey,
  { claims, log }: CommitPorts,
): Promise<Committed> {
  const keys = prepareKey(before.keys, fresh);
  const claim: Claim = { ...before, version: before.version + 1, keys };
  await claims.changeKeys(before, claim, []);
  const { id: keyId, selector } = fresh;
  log({ kind: 'prepared', domain: claim.domain, keyId, selector });
  return { claim, outcome: toBeChanged(claim) };
}

/** Next becomes current, current previous, the new key next. */
async function commitRotated(
  { claim: before, promote, insyncSince }: Ready,
  fresh: SlotKey | undefined,
  occasion: Occasion,
  { claims, retryTime, log }: CommitPorts,
): Promise<Committed> {
  const at = retryTime.clock.now().toISOString();
  const { domain, verifiedAt: signingSince } = before;
  const keys = rotate(before.keys, { promote, fresh, signingSince, insyncSince }, at);
  const claim: Claim = {
    ...before,
    version: before.version + 1,
    keys,
    rotated: { ...occasion, at },
  };
  const gone = keysGone(before.keys, keys, at);
  await claims.changeKeys(before, claim, gone, keysToDisclose(before, keys, at));
  const current = currentKey(keys);
  if (current !== undefined) {
    log({ kind: 'rotated', domain, keyId: current.id, selector: current.selector });
  }
  return { claim, outcome: { kind: 'rotated' } };
}
