import { limiter } from '#shared/async/limit.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict, Throttled } from '#shared/core/model/errors.ts';
import type { SlotKey } from '#shared/core/model/key-ring.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import { addToTally, type RotationOutcome, type Tally } from '#shared/core/model/rotation.ts';
import { noteOutcome } from '#shared/app/rotation/backlog.ts';
import { forgeKey } from '#shared/app/rotation/forge-key.ts';
import { mendClaim, needsMending } from '#shared/app/rotation/mend.ts';
import {
  commit,
  isReady,
  prepare,
  type Committed,
  type Occasion,
  type Ready,
} from '#shared/app/rotation/prepare.ts';
import { reportRotated } from '#shared/app/rotation/rotate-claim.ts';
import { readState, readStates, type ClaimState } from '#shared/app/rotation/state.ts';
import { patiently } from '#shared/async/retry.ts';
import type { WorkerPorts } from './ports.ts';

/** What became of many. */
export interface Rotated {
  readonly tally: Tally;
  /** Those that had to wait: for KMS, or because others wrote their claim. */
  readonly left: readonly Label[];
}

/** Claims that are looked at, or written, at a time. */
const AT_ONCE = 20;
/** The gap that a throttle leaves before the next slot of the common pace. */
const HOLD_MS = 2_000;
/** What is left of the time once the last key is made. */
const RESERVE_MS = 10_000;
const COMMITS = 3;

type Step = Ready | RotationOutcome | 'wait';

/**
 * Rotates claims of one shard: looks at all of them, makes their keys at the common pace, and then
 * writes all of them at once, so that they are published together.
 *
 * @param deadline epoch milliseconds
 * @throws what the stores throw while they are out; nothing that was written is lost by it
 */
export async function rotateAll(
  shard: ShardName,
  labels: readonly Label[],
  occasionOf: (state: ClaimState) => Occasion,
  ports: WorkerPorts,
  deadline: number,
): Promise<Rotated> {
  const states = await readStates(ports, shard, labels);
  const bounded = limiter({ tasks: AT_ONCE });
  const looked = await Promise.all(
    [...states.values()].map((state) =>
      bounded(async () => {
        const mended = await mendedFirst(state, ports, deadline);
        const occasion = occasionOf(mended);
        return { state: mended, occasion, step: await look(mended, occasion, ports) };
      }),
    ),
  );
  const forged = await forgeAll(
    looked.flatMap(({ step }) => (step !== 'wait' && isReady(step) ? [step] : [])),
    ports,
    deadline - RESERVE_MS,
  );
  const settled = await Promise.all(
    looked.map(({ state, occasion, step }) =>
      bounded(() => settle(state, occasion, step, forged, ports)),
    ),
  );
  let tally: Tally = {};
  for (const outcome of settled) if (outcome !== 'wait') tally = addToTally(tally, outcome);
  for (let gone = states.size; gone < new Set(labels).size; gone += 1) {
    tally = addToTally(tally, { kind: 'not-signing' });
  }
  const left = looked.flatMap(({ state }, index) =>
    settled[index] === 'wait' ? [state.claim.label] : [],
  );
  return { tally, left };
}

/** A ring that is not whole is put right before it is asked whether it may rotate. */
async function mendedFirst(
  state: ClaimState,
  ports: WorkerPorts,
  deadline: number,
): Promise<ClaimState> {
  if (!needsMending(state, ports.patience.clock.now())) return state;
  try {
    const options = { suspicion: 'trusted' as const, refillUntil: deadline - RESERVE_MS };
    await mendClaim(state.claim, options, ports);
  } catch (error) {
    if (!(error instanceof Throttled || error instanceof Conflict)) throw error;
    ports.report({ kind: 'throttled', reason: error.message });
  }
  return (await readState(ports, state.claim)) ?? state;
}

async function look(state: ClaimState, occasion: Occasion, ports: WorkerPorts): Promise<Step> {
  return guarded(state.claim, ports, () => prepare(state, occasion, ports));
}

/** A fault with one claim is that claim's; a service that is out is everybody's. */
async function guarded(
  { label }: Claim,
  { isOutage, report }: WorkerPorts,
  act: () => Promise<Step>,
): Promise<Step> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Conflict) return 'wait';
    if (isOutage(error)) throw error;
    report({ kind: 'faulty', label, error });
    return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** A key for each that needs one; none where KMS would not make it in time, or failed. */
type Forged = ReadonlyMap<Ready, SlotKey | RotationOutcome | 'wait'>;

async function forgeAll(
  ready: readonly Ready[],
  ports: WorkerPorts,
  until: number,
): Promise<Forged> {
  const wanting = ready.filter(({ refill }) => refill !== undefined);
  if (wanting.length === 0) return new Map();
  const { pace, claimsPerSecond, patience } = ports;
  const interval = 1_000 / claimsPerSecond;
  const first = await pace.reserve(wanting.length, interval, patience.clock.now().getTime());
  let isHeld = false;
  const slowDown = async (error: Throttled): Promise<void> => {
    ports.report({ kind: 'throttled', reason: error.message });
    if (isHeld) return;
    isHeld = true;
    await pace.hold(HOLD_MS, patience.clock.now().getTime());
  };
  const keys = await Promise.all(
    wanting.map(async (each, index) => {
      const slot = first + index * interval;
      if (slot >= until) return 'wait';
      const wait = slot - patience.clock.now().getTime();
      if (wait > 0) await patience.sleep(wait);
      return forge(each, ports, until, slowDown);
    }),
  );
  return new Map(wanting.map((each, index) => [each, keys[index] as SlotKey | 'wait']));
}

async function forge(
  { claim, refill }: Ready,
  ports: WorkerPorts,
  until: number,
  slowDown: (error: Throttled) => Promise<void>,
): Promise<SlotKey | RotationOutcome | 'wait'> {
  const { patience, random, isOutage, report } = ports;
  if (refill === undefined) return 'wait';
  try {
    return await patiently(patience, until, async () => {
      try {
        return await forgeKey(refill, claim, { forge: ports.forge, clock: patience.clock, random });
      } catch (error) {
        if (error instanceof Throttled) await slowDown(error);
        throw error;
      }
    });
  } catch (error) {
    if (isOutage(error)) return 'wait';
    report({ kind: 'faulty', label: claim.label, error });
    return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Writes a claim that is ready, and notes what became of it. */
async function settle(
  state: ClaimState,
  occasion: Occasion,
  step: Step,
  forged: Forged,
  ports: WorkerPorts,
): Promise<RotationOutcome | 'wait'> {
  let { claim } = state;
  const outcome = await guarded(claim, ports, async () => {
    if (step === 'wait' || !isReady(step)) return step;
    const key = forged.get(step);
    if (key === 'wait' || (key !== undefined && 'kind' in key)) return key;
    const written = await write(step, key, occasion, ports);
    if (written === 'wait' || 'kind' in written) return written;
    claim = written.claim;
    if (written.outcome.kind === 'rotated') reportRotated(claim, ports);
    return written.outcome;
  });
  if (outcome === 'wait' || isReady(outcome)) return 'wait';
  await noteOutcome(claim, state.item, outcome, occasion.period, ports);
  return outcome;
}

/** Where somebody else wrote the claim, everything is decided anew, but for the key that is made. */
async function write(
  ready: Ready,
  fresh: SlotKey | undefined,
  occasion: Occasion,
  ports: WorkerPorts,
): Promise<Committed | RotationOutcome | 'wait'> {
  let now: Ready = ready;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await commit(now, fresh, occasion, ports);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      if (attempt === COMMITS) return 'wait';
      const state = await readState(ports, ready.claim);
      if (state === undefined) return { kind: 'not-signing' };
      const again = await prepare(state, occasion, ports);
      if (!isReady(again)) return again;
      if (again.refill !== fresh?.selector) return 'wait';
      now = again;
    }
  }
}
