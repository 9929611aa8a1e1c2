import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { emptyHead, seal, type AnchoredHead } from '#shared/core/audit/chain.ts';
import { entryOf, type Actor, type StoredEntry } from '#shared/core/audit/entry.ts';
import { readCopy } from '#shared/core/audit/read-copy.ts';
import { verifyLog, type Evidence } from '#shared/core/audit/verify.ts';
import type { TenantId } from '#shared/core/model/names.ts';

const owner = 't_one' as TenantId;
const actor: Actor = { kind: 'operator', id: 'op', operation: 'a command', requestId: 'r' };
const minute = (index: number) => new Date(Date.UTC(2026, 11, 1, 10, index)).toISOString();
const entries = Array.from({ length: 6 }, (_, index) =>
  entryOf(
    {
      owner,
      subject: 'contact',
      id: `ct_${index}`,
      after: { email: `person${index}@example.org` },
    },
    actor,
    { at: minute(index), random: randomBytes },
  ),
) as StoredEntry[];
const whole = seal(emptyHead(owner), entries);
const headAfter = (count: number): AnchoredHead => ({
  ...seal(emptyHead(owner), entries.slice(0, count)).head,
  at: minute(count),
});
const evidence: Evidence = {
  owner,
  entries,
  seals: whole.seals,
  head: whole.head,
  anchors: [headAfter(2), headAfter(6)],
  now: '2026-12-02T00:00:00.000Z',
};
const found = (changed: Partial<Evidence>) =>
  verifyLog({ ...evidence, ...changed }).findings.map(({ kind, number, entry }) => ({
    kind,
    number,
    entry,
  }));
const named = (kind: string, index: number) => ({
  kind,
  number: index + 1,
  entry: entries[index]!.key,
});
const without = <T>(list: readonly T[], index: number) => list.toSpliced(index, 1);

describe('the verifier', () => {
  test('finds nothing in a log that is as it was', () => {
    expect(verifyLog(evidence)).toEqual({ from: 1, to: 6, intact: 6, findings: [] });
    expect(
      verifyLog({ ...evidence, entries: [], seals: [], anchors: [], head: emptyHead(owner) }),
    ).toEqual({ from: 1, to: 0, intact: 0, findings: [] });
  });

  test('names an entry that was altered', () => {
    const altered = { ...entries[2]!, record: entries[2]!.record.replace('ct_2', 'ct_9') };
    expect(found({ entries: entries.with(2, altered) })).toEqual([named('altered', 2)]);
  });

  test('names an entry that was dropped in the middle, with its seal or without', () => {
    expect(found({ entries: without(entries, 3) })).toEqual([named('missing', 3)]);
    expect(found({ entries: without(entries, 3), seals: without(whole.seals, 3) })).toEqual([
      { kind: 'seal-missing', number: 4, entry: undefined },
    ]);
  });

  test('names an entry that was dropped last, with its seal and the head of the chain', () => {
    expect(found({ entries: without(entries, 5) })).toEqual([named('missing', 5)]);
    const shorter = { entries: without(entries, 5), seals: without(whole.seals, 5) };
    const missing = { kind: 'end-missing', number: 6, entry: undefined };
    expect(found({ ...shorter, anchors: [] })).toEqual([missing]);
    expect(found({ ...shorter, head: headAfter(5) })).toEqual([missing]);
  });

  test('names the first head that a chain made afresh does not have', () => {
    const forged = entries.with(1, {
      ...entries[1]!,
      record: entries[1]!.record.replace('ct_1', 'ct_9'),
    });
    const remade = seal(emptyHead(owner), forged);
    expect(found({ entries: forged, seals: remade.seals, head: remade.head })).toEqual([
      named('rewritten', 1),
      named('rewritten', 5),
    ]);
  });

  test('names a seal that does not follow, and entries that changed places', () => {
    const seals = whole.seals.with(2, { ...whole.seals[2]!, previous: 'f'.repeat(64) });
    expect(found({ seals })).toContainEqual(named('seal-altered', 2));
    const swapped = [
      { ...whole.seals[0]!, entry: entries[1]!.key },
      { ...whole.seals[1]!, entry: entries[0]!.key },
      ...whole.seals.slice(2),
    ];
    expect(found({ seals: swapped }).map(({ kind }) => kind)).toEqual(['altered', 'altered']);
  });

  test('finds nothing after an erasure, and a personal text that was put in its place', () => {
    const erased = { ...entries[4]!, personal: {} };
    expect(found({ entries: entries.with(4, erased) })).toEqual([]);
    const [commitment, value] = Object.entries(entries[4]!.personal)[0]!;
    const forged = { ...erased, personal: { [commitment]: { ...value, value: 'x@example.org' } } };
    expect(found({ entries: entries.with(4, forged) })).toEqual([named('personal-altered', 4)]);
  });

  test('names an entry that is in no chain, once it should be', () => {
    const late = { ...evidence, head: headAfter(5), seals: without(whole.seals, 5) };
    const anchors = [headAfter(2)];
    expect(found({ ...late, anchors })).toEqual([
      { kind: 'not-sealed', number: undefined, entry: entries[5]!.key },
    ]);
    expect(found({ ...late, anchors, now: minute(6) })).toEqual([]);
  });

  test('starts at the last head from before the entries that may have expired', () => {
    const kept = { keptSince: minute(3), entries: entries.slice(2), seals: whole.seals.slice(2) };
    expect(verifyLog({ ...evidence, ...kept })).toEqual({
      from: 3,
      to: 6,
      intact: 4,
      findings: [],
    });
    expect(found({ ...kept, entries: entries.slice(3) })).toEqual([named('missing', 2)]);
  });
});

const line = (index: number) =>
  JSON.stringify({
    key: entries[index]!.key,
    record: JSON.parse(entries[index]!.record) as unknown,
    personal: entries[index]!.personal,
    seal: whole.seals[index],
  });
const verify = (lines: readonly string[]) =>
  verifyLog({ ...readCopy(lines.join('\n')), anchors: [], now: evidence.now });

describe('a copy', () => {
  test('is verified as the log is, from its first entry on, in any order of its lines', () => {
    expect(verify([5, 4, 3, 2].map(line))).toEqual({ from: 3, to: 6, intact: 4, findings: [] });
    const altered = line(3).replace('"create"', '"delete"');
    expect(verify([line(2), altered, line(4)]).findings).toMatchObject([named('altered', 3)]);
    expect(verify([line(2), line(4)]).findings).toMatchObject([
      { kind: 'seal-missing', number: 4 },
    ]);
  });

  test.each([
    ['', 'no entry'],
    ['{', 'line 1'],
    ['null', 'line 1'],
    ['{"key":"a"}', 'line 1'],
  ])('that is none is refused: %s', (text, why) => {
    expect(() => readCopy(text)).toThrow(why);
  });

  test('of two owners is refused', () => {
    expect(() => readCopy(`${line(0)}\n${line(1).replaceAll('t_one', 't_two')}`)).toThrow('t_two');
  });
});
