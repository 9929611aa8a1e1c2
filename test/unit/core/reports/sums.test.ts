import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Group } from '#shared/core/reports/group.ts';
import { Aggregates } from '#shared/core/reports/aggregates.ts';
import { givenGroup } from './given-day.ts';

const group: fc.Arbitrary<Group> = fc
  .record({
    source: fc.nat(40).map((host) => `192.0.2.${host}`),
    disposition: fc.constantFrom('none' as const, 'reject' as const),
    dkim: fc.boolean(),
    spf: fc.boolean(),
    messages: fc.nat(1_000),
  })
  .map((changes) => givenGroup(changes));

const total = (groups: readonly Group[], which: (one: Group) => boolean = () => true): number =>
  groups.filter(which).reduce((sum, { messages }) => sum + messages, 0);

const lost = ({ dkim, spf, disposition }: Group) => !dkim && !spf && disposition === 'reject';

test('aggregates keep every total, however few groups they keep apart and in any parts', () => {
  fc.assert(
    fc.property(fc.array(group), fc.nat(60), fc.nat(20), (groups, split, limit) => {
      const first = new Aggregates(groups.slice(0, split), limit).groups();
      const summed = new Aggregates([...first, ...groups.slice(split)], limit).groups();
      // Two dispositions and four results may each have a group of folded addresses.
      expect(summed.length).toBeLessThanOrEqual(limit + 8);
      expect(total(summed)).toBe(total(groups));
      expect(total(summed, ({ dkim }) => dkim)).toBe(total(groups, ({ dkim }) => dkim));
      expect(total(summed, lost)).toBe(total(groups, lost));
    }),
  );
});

test('groups that differ only in number become one', () => {
  expect(new Aggregates([givenGroup(), givenGroup({ messages: 5 })]).groups()).toEqual([
    givenGroup({ messages: 15 }),
  ]);
});

test('a flood of unproven mail does not push out mail that passes', () => {
  const flood = Array.from({ length: 500 }, (_, host) =>
    givenGroup({
      source: `10.0.${host >> 8}.${host & 255}`,
      dkim: false,
      spf: false,
      messages: 1_000,
    }),
  );
  const aggregates = new Aggregates([], 10);
  for (const one of flood.slice(0, 250)) aggregates.add(one);
  aggregates.add(givenGroup({ messages: 1 }));
  for (const one of flood.slice(250)) aggregates.add(one);
  expect(aggregates.groups()[0]).toEqual(givenGroup({ messages: 1 }));
});
