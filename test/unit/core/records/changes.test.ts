import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyChanges,
  changesBetween,
  recordKey,
  sameRecord,
  type RecordChange,
} from '#shared/core/records/changes.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';

const record = (name: string, text: string, ttl = 300): HostedRecord => ({
  name,
  type: 'TXT',
  ttl,
  values: [text],
});

const brief = (changes: readonly RecordChange[]) =>
  changes.map(({ action, record: { name, values } }) => `${action} ${name} ${values.join('|')}`);

/** Record sets of few names and few values, so that two lists have much in common. */
const recordSets = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a.example', 'b.example', 'c.example', 'd.example', 'e.example'),
    type: fc.constant('TXT' as const),
    ttl: fc.constantFrom(300, 600),
    values: fc.uniqueArray(fc.constantFrom('one', 'two', 'three'), { minLength: 1 }),
  }),
  { selector: recordKey },
);

describe('changesBetween', () => {
  test('creates what is new, upserts what changed, deletes what is gone with its published value', () => {
    const published = [
      record('same', 'x'),
      record('gone', 'old'),
      record('changed', 'old'),
      record('slower', 'x', 300),
    ];
    const desired = [
      record('slower', 'x', 600),
      record('changed', 'new'),
      record('fresh', 'new'),
      record('same', 'x'),
    ];
    expect(brief(changesBetween(desired, published))).toEqual([
      'DELETE gone old',
      'UPSERT changed new',
      'UPSERT slower x',
      'CREATE fresh new',
    ]);
  });

  test('turns what is published into what is desired, and then finds nothing to do', () => {
    fc.assert(
      fc.property(recordSets, recordSets, (desired, published) => {
        const after = applyChanges(published, changesBetween(desired, published));
        expect(after).toHaveLength(desired.length);
        for (const wanted of desired) {
          expect(after.some((present) => sameRecord(present, wanted))).toBe(true);
        }
        expect(changesBetween(desired, after)).toEqual([]);
      }),
    );
  });

  test('is the same for any order of the records', () => {
    fc.assert(
      fc.property(recordSets, recordSets, (desired, published) => {
        expect(changesBetween(desired.toReversed(), published.toReversed())).toEqual(
          changesBetween(desired, published),
        );
      }),
    );
  });
});

describe('sameRecord', () => {
  test('minds name, time to live and values, but not the order of values', () => {
    const one = { ...record('a', 'x'), values: ['x', 'y'] };
    expect(sameRecord(one, { ...one, values: ['y', 'x'] })).toBe(true);
    expect(sameRecord(one, { ...one, values: ['x'] })).toBe(false);
    expect(sameRecord(one, { ...one, values: ['x', 'z'] })).toBe(false);
    expect(sameRecord(one, { ...one, name: 'b' })).toBe(false);
    expect(sameRecord(one, { ...one, ttl: 301 })).toBe(false);
  });
});
