import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  batchCost,
  MAX_BATCH_CHARACTERS,
  MAX_BATCH_RECORDS,
  packBatches,
  type Batch,
  type ClaimChanges,
} from '#shared/core/records/batches.ts';
import type { RecordChange } from '#shared/core/records/changes.ts';
import { TxtUnfit } from '#shared/core/records/txt.ts';

const change = (action: RecordChange['action'], ...lengths: number[]): RecordChange => ({
  action,
  record: {
    name: 'a.example',
    type: 'TXT',
    ttl: 300,
    values: lengths.map((length) => 'x'.repeat(length)),
  },
});

/** The text of a key record as FACTS has it: 415 characters as quoted. */
const KEY = 410;

const costOf = (batch: Batch<unknown>) => batchCost(batch.flatMap(({ changes }) => changes));
const fits = ({ records, characters }: ReturnType<typeof batchCost>) =>
  records <= MAX_BATCH_RECORDS && characters <= MAX_BATCH_CHARACTERS;

/** Counts the batches that so many claims of one such change each need. */
const batchesOf = (count: number, one: RecordChange): number =>
  packBatches(Array.from({ length: count }, (_, key) => ({ key, changes: [one] }))).length;

/** A single change always fits; a claim of many may not. */
const recordChange: fc.Arbitrary<RecordChange> = fc
  .record({
    action: fc.constantFrom('CREATE' as const, 'UPSERT' as const, 'DELETE' as const),
    lengths: fc.array(fc.nat({ max: 3_900 }), { minLength: 1, maxLength: 4 }),
  })
  .map(({ action, lengths }) => change(action, ...lengths));

const claims: fc.Arbitrary<ClaimChanges<number>[]> = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.array(recordChange, { maxLength: 4 }) },
      { weight: 1, arbitrary: fc.array(recordChange, { minLength: 10, maxLength: 20 }) },
    ),
    { maxLength: 25 },
  )
  .map((lists) => lists.map((changes, key) => ({ key, changes })));

describe('batchCost', () => {
  test('counts values, not record sets, characters as quoted, and an UPSERT twice in both', () => {
    expect(batchCost([change('CREATE', KEY)])).toEqual({ records: 1, characters: 415 });
    expect(batchCost([change('DELETE', 3, 5)])).toEqual({ records: 2, characters: 12 });
    expect(batchCost([change('UPSERT', KEY)])).toEqual({ records: 2, characters: 830 });
  });
});

describe('packBatches', () => {
  test('gets 77 created or 38 upserted RSA keys into one batch, and not one more', () => {
    expect([batchesOf(77, change('CREATE', KEY)), batchesOf(78, change('CREATE', KEY))]).toEqual([
      1, 2,
    ]);
    expect([batchesOf(38, change('UPSERT', KEY)), batchesOf(39, change('UPSERT', KEY))]).toEqual([
      1, 2,
    ]);
  });

  test('stops at 1,000 values as well', () => {
    expect(batchesOf(1_000, change('CREATE', 1))).toBe(1);
    expect(batchesOf(1_001, change('CREATE', 1))).toBe(2);
  });

  test('leaves out claims without changes', () => {
    expect(packBatches([{ key: 'a', changes: [] }])).toEqual([]);
  });

  test('refuses a value that has no Route 53 form', () => {
    expect(() => packBatches([{ key: 'a', changes: [change('CREATE', 5_000)] }])).toThrow(TxtUnfit);
  });

  test('leaves a single change over the limits whole, for Route 53 to refuse', () => {
    const huge = change('UPSERT', ...Array.from({ length: 5 }, () => 3_900));
    expect(packBatches([{ key: 'a', changes: [huge] }])).toEqual([[{ key: 'a', changes: [huge] }]]);
  });

  test('unpacks to the very changes, in each claim in their order', () => {
    fc.assert(
      fc.property(claims, (given) => {
        const unpacked = new Map<number, RecordChange[]>();
        for (const { key, changes } of packBatches(given).flat()) {
          unpacked.set(key, [...(unpacked.get(key) ?? []), ...changes]);
        }
        for (const { key, changes } of given) expect(unpacked.get(key) ?? []).toEqual(changes);
      }),
    );
  });

  test('makes no batch over a limit, and keeps each claim that fits in one batch', () => {
    fc.assert(
      fc.property(claims, (given) => {
        const batches = packBatches(given);
        for (const batch of batches) expect(fits(costOf(batch))).toBe(true);
        for (const { key, changes } of given) {
          const holding = batches.filter((batch) => batch.some((claim) => claim.key === key));
          if (changes.length === 0) expect(holding).toHaveLength(0);
          else if (fits(batchCost(changes))) expect(holding).toHaveLength(1);
          else for (const batch of holding) expect(batch).toHaveLength(1);
        }
      }),
    );
  });

  test('packs well: no claim would have fitted into an earlier batch', () => {
    fc.assert(
      fc.property(claims, (given) => {
        const batches = packBatches(given.filter(({ changes }) => fits(batchCost(changes))));
        for (const [index, batch] of batches.entries()) {
          for (const earlier of batches.slice(0, index)) {
            for (const claim of batch) expect(fits(costOf([...earlier, claim]))).toBe(false);
          }
        }
      }),
    );
  });

  test('fills all batches but the last by three quarters, where no claim takes over a quarter', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3_900 }), { minLength: 1, maxLength: 120 }), (lengths) => {
        const given = lengths.map((length, key) => ({ key, changes: [change('UPSERT', length)] }));
        const batches = packBatches(given);
        for (const batch of batches.slice(0, -1)) {
          expect(costOf(batch).characters).toBeGreaterThan(0.75 * MAX_BATCH_CHARACTERS);
        }
        const fewest = Math.ceil(costOf(given).characters / MAX_BATCH_CHARACTERS);
        expect(batches.length).toBeLessThanOrEqual(Math.ceil((4 / 3) * fewest));
      }),
    );
  });
});
