import { Conflict, Throttled } from '#shared/core/model/errors.ts';
import { repairKeyRing, needsRepair } from './repair-key-ring.ts';
import type { RotationPorts } from './ports.ts';
import { prepare } from './prepare.ts';
import { readState, type ClaimState } from './state.ts';
import { guarded, type Occasion, type Step } from './step.ts';

export interface DecideOptions {
  readonly occasionOf: (state: ClaimState) => Occasion;
  /** True if a person asks for it: then the period's rotation having been made does not matter. */
  readonly asked: boolean;
  /** Epoch milliseconds until which keys may be made. */
  readonly until: number;
}

/** The next step of a claim, by the state that it was decided on. */
export interface Decided {
  readonly state: ClaimState;
  readonly occasion: Occasion;
  readonly step: Step;
}

/**
 * Repairs the key ring of a claim where it is not whole, then decides whether the claim rotates.
 *
 * @throws what the stores throw while they are out
 */
export async function decide(
  before: ClaimState,
  options: DecideOptions,
  ports: RotationPorts,
): Promise<Decided> {
  let state = before;
  let occasion = options.occasionOf(state);
  const step = await guarded(before.claim.label, ports, async () => {
    state = await repaired(before, options, ports);
    occasion = options.occasionOf(state);
    return prepare(state, occasion, ports, { again: options.asked });
  });
  return { state, occasion, step };
}

/** A repair that has to wait holds nothing up: the claim is decided on as it is. */
async function repaired(
  state: ClaimState,
  { until }: DecideOptions,
  ports: RotationPorts,
): Promise<ClaimState> {
  if (!needsRepair(state, ports.retryTime.clock.now())) return state;
  try {
    await repairKeyRing(state.claim, { suspicion: 'trusted', refillUntil: until }, ports);
  } catch (error) {
    if (!(error instanceof Throttled || error instanceof Conflict)) throw error;
    ports.log({ kind: 'throttled', reason: error.message });
  }
  return (await readState(ports, state.claim)) ?? state;
}
