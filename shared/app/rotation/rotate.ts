import type { StoredItemError } from '#shared/core/model/errors.ts';
import { mapLimited } from '#shared/async/limit.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { Label, ShardName } from '#shared/core/model/names.ts';
import { addToTally, type Tally } from '#shared/core/model/rotation.ts';
import { decide, type DecideOptions } from './decide.ts';
import { forgeKeys } from './forge-keys.ts';
import { unlimitedRate, type KeyRate } from './key-rate.ts';
import type { RotationPorts } from './ports.ts';
import { noClaim, settle, type Settled } from './settle.ts';
import { readStates } from './state.ts';
import { faultOf, isReady, type Occasion, type Waits } from './step.ts';

export interface RotateOptions extends DecideOptions {
  readonly rate: KeyRate;
}

/** The outcome of a batch. */
export interface RotatedBatch {
  readonly settled: ReadonlyMap<Label, Settled>;
  /** Counts of the outcomes of those settled. */
  readonly tally: Tally;
  /** Labels that have to wait, each with the reason: KMS, the key rate or another writer. */
  readonly left: ReadonlyMap<Label, Error>;
  /** Labels that failed, since what is stored of them cannot be read. */
  readonly malformed: ReadonlyMap<Label, StoredItemError>;
}

/** Claims that are read and decided on, or written, at a time. */
const LIMITS = { tasks: 20 };

/**
 * Rotates claims of one shard: decides on all, makes the keys that they need, and writes all at
 * once, so that they publish together.
 *
 * @throws what the stores throw while they are out; nothing that was written is lost by it
 */
export async function rotateClaims(
  shard: ShardName,
  labels: readonly Label[],
  options: RotateOptions,
  ports: RotationPorts,
): Promise<RotatedBatch> {
  const { states, malformed } = await readStates(ports, shard, labels);
  const decided = await mapLimited([...states.values()], LIMITS, (state) =>
    decide(state, options, ports),
  );
  const ready = decided.flatMap(({ step }) => (isReady(step) ? [step] : []));
  const keys = await forgeKeys(ready, options, ports);
  const results = await mapLimited(
    decided,
    LIMITS,
    async (each): Promise<[Label, Settled | Waits]> => {
      const { label } = each.state.claim;
      return [label, await settle(each, keys.get(label), options, ports)];
    },
  );
  const readable = labels.filter((label) => !malformed.has(label));
  const { settled, tally, left } = sumUp(readable, new Map(results));
  const faults = [...malformed].map(([label, error]) => faultOf(error, label, ports));
  return { settled, tally: faults.reduce(addToTally, tally), left, malformed };
}

function sumUp(
  labels: readonly Label[],
  results: ReadonlyMap<Label, Settled | Waits>,
): Omit<RotatedBatch, 'malformed'> {
  const settled = new Map<Label, Settled>();
  const left = new Map<Label, Error>();
  let tally: Tally = {};
  for (const label of new Set(labels)) {
    const result = results.get(label) ?? noClaim;
    if ('error' in result) left.set(label, result.error);
    else {
      settled.set(label, result);
      tally = addToTally(tally, result.outcome);
    }
  }
  return { settled, tally, left };
}

/**
 * Rotates one claim because a person asks for it: a batch of one, whose key is made at once.
 *
 * @param until epoch milliseconds until which KMS may throttle
 * @returns what became of it, and the claim as it now is
 * @throws Conflict where others write the claim each time
 * @throws Throttled where KMS throttles to the end
 * @throws StoredItemError where what is stored of it is malformed
 */
export async function rotateClaim(
  { shard, label }: Pick<Claim, 'shard' | 'label'>,
  occasion: Occasion,
  until: number,
  ports: RotationPorts,
): Promise<Settled> {
  const options = { occasionOf: () => occasion, asked: true, until, rate: unlimitedRate };
  const { settled, left, malformed } = await rotateClaims(shard, [label], options, ports);
  const error = left.get(label) ?? malformed.get(label);
  if (error !== undefined) throw error;
  return settled.get(label) ?? noClaim;
}
