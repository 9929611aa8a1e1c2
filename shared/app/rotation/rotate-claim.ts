import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { currentKey, type SlotKey } from '#shared/core/model/key-ring.ts';
import type { Selector } from '#shared/core/model/names.ts';
import type { RotationOutcome } from '#shared/core/model/rotation.ts';
import { patiently } from '#shared/async/retry.ts';
import { noteOutcome } from './backlog.ts';
import { forgeKey } from './forge-key.ts';
import { commit, isReady, prepare, type Occasion } from './prepare.ts';
import type { RotationPorts } from './ports.ts';
import { mendClaim } from './mend.ts';
import { readState, type ClaimState } from './state.ts';

export interface RotateOptions {
  /** Epoch milliseconds until which KMS may throttle. */
  readonly deadline: number;
  /** Whether a period's rotation having been made does not matter. */
  readonly again: boolean;
}

const TRIES = 4;

/**
 * Rotates the keys of one claim: due, gate, fresh key, one write. What could not be is noted in the
 * backlog, where it is a run's rotation; of one that a person asked for, the answer tells.
 *
 * @returns what became of it, and the claim as it now is
 * @throws Conflict where others write the claim each time
 * @throws Throttled where KMS throttles to the end
 */
export async function rotateClaim(
  twin: Pick<Claim, 'shard' | 'label'>,
  occasion: Occasion,
  { deadline, again }: RotateOptions,
  ports: RotationPorts,
): Promise<{ outcome: RotationOutcome; claim: Claim | undefined }> {
  const forged = new Map<Selector, SlotKey>();
  for (let attempt = 1; ; attempt += 1) {
    const state = await stateOf(twin, ports);
    if (state === undefined) return { outcome: { kind: 'not-signing' }, claim: undefined };
    const { claim, item } = state;
    const ready = await prepare(state, occasion, ports, { again });
    if (!isReady(ready)) {
      const isNoted = !again || ready.kind === 'awaits-customer';
      if (isNoted) await noteOutcome(claim, item, ready, occasion.period, ports);
      return { outcome: ready, claim };
    }
    try {
      const fresh = await freshKey(ready.refill, claim, forged, deadline, ports);
      const { claim: next, outcome } = await commit(ready, fresh, occasion, ports);
      await noteOutcome(next, item, outcome, occasion.period, ports);
      if (outcome.kind === 'rotated') reportRotated(next, ports);
      return { outcome, claim: next };
    } catch (error) {
      if (!(error instanceof Conflict) || attempt === TRIES) throw error;
    }
  }
}

/** A claim with all that decides on it; a prepared key that the customer's DNS shows is in its ring. */
async function stateOf(
  twin: Pick<Claim, 'shard' | 'label'>,
  ports: RotationPorts,
): Promise<ClaimState | undefined> {
  const state = await readState(ports, twin);
  if (!state?.claim.keys.some(({ prepared }) => prepared !== undefined)) return state;
  await mendClaim(twin, { suspicion: 'trusted' }, ports);
  return readState(ports, twin);
}

export function reportRotated({ domain, keys }: Claim, { report }: RotationPorts): void {
  const current = currentKey(keys);
  if (current === undefined) return;
  report({ kind: 'rotated', domain, keyId: current.id, selector: current.selector });
}

/** The key made in an earlier attempt serves again: a pair costs money and a share of the quota. */
async function freshKey(
  selector: Selector | undefined,
  claim: Claim,
  forged: Map<Selector, SlotKey>,
  deadline: number,
  { forge, patience, random }: RotationPorts,
): Promise<SlotKey | undefined> {
  if (selector === undefined) return undefined;
  const fresh =
    forged.get(selector) ??
    (await patiently(patience, deadline, () =>
      forgeKey(selector, claim, { forge, clock: patience.clock, random }),
    ));
  forged.set(selector, fresh);
  return fresh;
}
