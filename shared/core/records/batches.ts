import type { RecordChange } from './changes.ts';
import { encodeTxt } from './txt.ts';

/** Limits of one ChangeResourceRecordSets request; an UPSERT counts twice in both. */
export const MAX_BATCH_RECORDS = 1_000;
export const MAX_BATCH_CHARACTERS = 32_000;

/** The cost of a change against the limits of a batch. */
export interface BatchCost {
  /** ResourceRecord elements: values, not record sets. */
  readonly records: number;
  /** Characters of the values as quoted. */
  readonly characters: number;
}

/** The changes of one claim; they stay together. */
export interface ClaimChanges<Key> {
  readonly key: Key;
  readonly changes: readonly RecordChange[];
}

export type Batch<Key> = readonly ClaimChanges<Key>[];

/** @throws TxtUnfit where a value has no Route 53 form */
export function batchCost(changes: readonly RecordChange[]): BatchCost {
  let records = 0;
  let characters = 0;
  for (const { action, record } of changes) {
    const times = action === 'UPSERT' ? 2 : 1;
    records += times * record.values.length;
    for (const value of record.values) characters += times * encodeTxt(value).length;
  }
  return { records, characters };
}

/**
 * Packs the changes of many claims into few batches: first fit, the largest claim first. A claim is
 * whole in one batch, so that it changes at once; only one that is too big for any is spread over
 * batches of its own, in the order of its changes. A single change over the limits stays as it is,
 * for Route 53 to refuse with its own words.
 *
 * @throws TxtUnfit where a value has no Route 53 form
 */
export function packBatches<Key>(claims: readonly ClaimChanges<Key>[]): Batch<Key>[] {
  const whole: { claim: ClaimChanges<Key>; cost: BatchCost }[] = [];
  const alone: Batch<Key>[] = [];
  for (const claim of claims) {
    if (claim.changes.length === 0) continue;
    const cost = batchCost(claim.changes);
    if (fits(cost)) whole.push({ claim, cost });
    else for (const changes of split(claim.changes)) alone.push([{ key: claim.key, changes }]);
  }
  const open: { claims: ClaimChanges<Key>[]; cost: BatchCost }[] = [];
  for (const { claim, cost } of whole.toSorted((a, b) => share(b.cost) - share(a.cost))) {
    const room = open.find((batch) => fits(sum(batch.cost, cost)));
    if (room === undefined) {
      open.push({ claims: [claim], cost });
    } else {
      room.claims.push(claim);
      room.cost = sum(room.cost, cost);
    }
  }
  return [...open.map((batch) => batch.claims), ...alone];
}

/** Cuts one claim's changes, in order, wherever the next one would not fit any more. */
function split(changes: readonly RecordChange[]): RecordChange[][] {
  const parts: RecordChange[][] = [];
  let cost: BatchCost = { records: 0, characters: 0 };
  for (const change of changes) {
    const more = batchCost([change]);
    const part = parts.at(-1);
    if (part !== undefined && fits(sum(cost, more))) {
      part.push(change);
      cost = sum(cost, more);
    } else {
      parts.push([change]);
      cost = more;
    }
  }
  return parts;
}

const fits = (cost: BatchCost) =>
  cost.records <= MAX_BATCH_RECORDS && cost.characters <= MAX_BATCH_CHARACTERS;

const sum = (a: BatchCost, b: BatchCost): BatchCost => ({
  records: a.records + b.records,
  characters: a.characters + b.characters,
});

/** Returns the share of a batch that a cost takes, by the limit it is nearer to. */
const share = ({ records, characters }: BatchCost) =>
  Math.max(records / MAX_BATCH_RECORDS, characters / MAX_BATCH_CHARACTERS);
