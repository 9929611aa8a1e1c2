import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { RotationOutcome } from '#shared/core/model/rotation.ts';
import { retry, retryLimits } from '#shared/async/retry.ts';
import { noteOutcome } from './backlog.ts';
import { commit, type Committed } from './commit.ts';
import { decide, type Decided, type DecideOptions } from './decide.ts';
import type { Forged } from './forge-keys.ts';
import type { RotationPorts } from './ports.ts';
import { readState } from './state.ts';
import { guarded, isReady, waits, type Occasion, type Ready, type Waits } from './step.ts';

/** A claim whose turn is over, and what became of its rotation. */
export interface Settled {
  /** The claim as it now is; undefined where its label has none. */
  readonly claim: Claim | undefined;
  readonly outcome: RotationOutcome;
}

export const noClaim: Settled = { claim: undefined, outcome: { kind: 'not-signing' } };

/**
 * Writes a claim that is ready, and notes what became of it. Where another writer was first, it
 * decides again and reuses the key: a pair costs money and a share of the quota.
 *
 * @param key the one that was made for it, if it needs one
 * @returns `Waits` where others write the claim each time, or the key is for another slot by then
 * @throws what the stores throw while they are out
 */
export async function settle(
  decided: Decided,
  key: Forged | undefined,
  options: DecideOptions,
  ports: RotationPorts,
): Promise<Settled | Waits> {
  let first: Decided | undefined = decided;
  try {
    return await retry(retryLimits.conflict, async () => {
      const now = first ?? (await decideAgain(decided.state.claim, options, ports));
      first = undefined;
      return now === undefined ? noClaim : settleOnce(now, key, options, ports);
    });
  } catch (error) {
    if (error instanceof Conflict) return waits(error);
    throw error;
  }
}

async function decideAgain(
  claim: Claim,
  options: DecideOptions,
  ports: RotationPorts,
): Promise<Decided | undefined> {
  const state = await readState(ports, claim);
  return state && decide(state, options, ports);
}

/** @throws Conflict where another writer was first */
async function settleOnce(
  { state: { claim, item }, occasion, step }: Decided,
  key: Forged | undefined,
  { asked }: DecideOptions,
  ports: RotationPorts,
): Promise<Settled | Waits> {
  const { period } = occasion;
  const done = isReady(step)
    ? await guarded(claim.label, ports, () => write(step, key, occasion, ports))
    : step;
  if ('claim' in done) {
    await noteOutcome(done.claim, item, done.outcome, period, ports);
    return done;
  }
  if (done.kind === 'waits') return done;
  // The answer says why nothing was done; what waits for the customer is listed as well.
  const isNoted = !asked || done.kind === 'awaits-customer';
  if (isNoted) await noteOutcome(claim, item, done, period, ports);
  return { claim, outcome: done };
}

async function write(
  ready: Ready,
  key: Forged | undefined,
  occasion: Occasion,
  ports: RotationPorts,
): Promise<Committed | RotationOutcome | Waits> {
  if (key !== undefined && 'kind' in key) return key;
  if (key?.selector !== ready.refill) {
    throw new Conflict(`the key ring of ${ready.claim.domain}`);
  }
  return commit(ready, key, occasion, ports);
}
