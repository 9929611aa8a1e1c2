import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoReportStore } from '#shared/adapters/aws/report-store.ts';
import { labelOf, type Label } from '#shared/core/model/names.ts';
import {
  MAX_UNVERIFIED_REPORTS,
  type CountedReport,
  type ReportStore,
} from '#shared/app/ports/report-store.ts';
import { MAX_REFUSALS } from '#shared/core/reports/day.ts';
import { MAX_GROUPS } from '#shared/core/reports/aggregates.ts';
import { MemoryReportStore } from '../fakes/report-store.ts';
import { startDynamo } from '../support/dynamo.ts';
import { givenGroup } from '../unit/core/reports/given-day.ts';

const adapters: Record<string, () => Promise<{ store: ReportStore; close: () => Promise<void> }>> =
  {
    'in memory': async () => ({ store: new MemoryReportStore(), close: async () => {} }),
    'on DynamoDB': async () => {
      const dynamo = await startDynamo();
      return {
        store: dynamoReportStore(dynamo.client, dynamo.tables.reports),
        close: () => dynamo.close(),
      };
    },
  };

let serial = 0;
const newLabel = (): Label => {
  serial += 1;
  return labelOf(Uint8Array.from({ length: 16 }, (_, index) => (serial * 31 + index * 7) % 256));
};

const single = (changes: Parameters<typeof givenGroup>[0] = {}) =>
  givenGroup({ messages: 1, ...changes });

const report = (changes: Partial<CountedReport> = {}): CountedReport => ({
  label: newLabel(),
  day: '2026-11-02',
  reporter: 'google.com',
  key: 'report-1',
  earlierKey: undefined,
  coarse: false,
  unreadableRows: 0,
  organization: 'google.com',
  groups: [single()],
  ...changes,
});

const refused = (reason: string, at = '2026-11-03T01:02:03.000Z') => ({
  at,
  reason,
  detail: `It is ${reason}.`,
  key: 'reports/1',
});

/** A name that no other is like, so that compression gains little. */
const longName = (n: number): string =>
  Array.from({ length: 8 }, (_, part) =>
    ((n + 1) * (part + 3) * 2_654_435_761).toString(36).padEnd(26, 'x'),
  ).join('.');

describe.each(Object.entries(adapters))('ReportStore %s', (_name, start) => {
  let store: ReportStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ store, close } = await start());
  });
  afterAll(() => close());

  test('knows nothing of a label without reports', async () => {
    expect(await store.read(newLabel(), '2026-01-01', '2026-12-31')).toEqual({
      aggregates: [],
      refusals: [],
      flaggedKeys: [],
    });
  });

  test('gives back what a report says', async () => {
    const one = report({
      groups: [single(), single({ signature: undefined, envelope: undefined })],
    });
    expect(await store.add(one)).toBe('added');
    const { aggregates } = await store.read(one.label, one.day, one.day);
    expect(aggregates).toEqual([
      {
        day: one.day,
        reporter: 'google.com',
        reports: 1,
        coarseReports: [],
        unreadableRows: 0,
        organizations: ['google.com'],
        groups: expect.arrayContaining([...one.groups]),
      },
    ]);
    expect(aggregates[0]?.groups).toHaveLength(2);
  });

  test('counts the same report once, and another of the same reporter beside it', async () => {
    const one = report();
    expect(await store.add(one)).toBe('added');
    expect(await store.add(one)).toBe('repeated');
    expect(await store.add({ ...one, key: 'report-2', organization: 'Google' })).toBe('added');
    const { aggregates } = await store.read(one.label, one.day, one.day);
    expect(aggregates).toMatchObject([
      { reports: 2, organizations: ['google.com', 'Google'], groups: [single({ messages: 2 })] },
    ]);
  });

  test('does not count again what an earlier version counted by the key it had then', async () => {
    const one = report({ key: 'earlier' });
    expect(await store.add(one)).toBe('added');
    const again = { ...one, key: 'now', earlierKey: 'earlier' };
    expect(await store.add(again)).toBe('counted-earlier');
    expect(await store.add({ ...again, coarse: true })).toBe('counted-earlier');
    expect(await store.add({ ...again, day: '2026-11-03' })).toBe('added');
  });

  test('keeps the share of a report of several days apart from the reports of the day', async () => {
    const daily = report({ unreadableRows: 2 });
    const coarse = { ...daily, key: 'weeks', coarse: true, unreadableRows: 1 };
    for (const one of [daily, coarse]) expect(await store.add(one)).toBe('added');
    expect(await store.add(coarse)).toBe('repeated');
    expect(await store.add({ ...daily, key: 'report-2', unreadableRows: 3 })).toBe('added');
    const { aggregates } = await store.read(daily.label, daily.day, daily.day);
    expect(
      aggregates.map(({ reports, coarseReports, unreadableRows }) => [
        reports,
        coarseReports,
        unreadableRows,
      ]),
    ).toEqual([
      [1, ['weeks'], 1],
      [2, [], 5],
    ]);
  });

  test('keeps the name that a report is about', async () => {
    const groups = [single(), single({ policyDomain: 'mail.shop.example' })];
    const one = report({ groups });
    await store.add(one);
    const { aggregates } = await store.read(one.label, one.day, one.day);
    expect(aggregates[0]?.groups.map(({ policyDomain }) => policyDomain).toSorted()).toEqual([
      'mail.shop.example',
      undefined,
    ]);
  });

  test('an unverified report does not take the place of the proven one with its id', async () => {
    const forged = report({ reporter: undefined, groups: [single({ messages: 1_000 })] });
    expect(await store.add(forged)).toBe('added');
    expect(await store.add({ ...forged, reporter: 'google.com', groups: [single()] })).toBe(
      'added',
    );
    const { aggregates } = await store.read(forged.label, forged.day, forged.day);
    const messagesBy = new Map(aggregates.map((one) => [one.reporter, one.groups[0]?.messages]));
    expect(messagesBy).toEqual(
      new Map([
        [undefined, 1_000],
        ['google.com', 1],
      ]),
    );
  });

  test('reports that come at once are all counted', async () => {
    const one = report();
    const added = await Promise.all(
      Array.from({ length: 5 }, (_, index) => store.add({ ...one, key: `at-once-${index}` })),
    );
    expect(added).toEqual(Array(5).fill('added'));
    expect((await store.read(one.label, one.day, one.day)).aggregates[0]?.groups[0]?.messages).toBe(
      5,
    );
  });

  test('reads the days asked for, by day, of the label alone', async () => {
    const one = report();
    for (const day of ['2026-11-04', '2026-11-01', '2026-11-03', '2026-11-02'])
      await store.add({ ...one, day });
    await store.add(report({ day: '2026-11-02' }));
    const { aggregates } = await store.read(one.label, '2026-11-02', '2026-11-03');
    expect(aggregates.map(({ day }) => day)).toEqual(['2026-11-02', '2026-11-03']);
  });

  test('takes so many unverified reports a day, and no more', async () => {
    const one = report({ reporter: undefined });
    for (let n = 0; n < MAX_UNVERIFIED_REPORTS; n += 1)
      await store.add({ ...one, key: `forged-${n}` });
    expect(await store.add({ ...one, key: 'one-too-many' })).toBe('full');
    expect(await store.add({ ...one, key: 'forged-7' })).toBe('repeated');
    expect((await store.read(one.label, one.day, one.day)).aggregates[0]?.reports).toBe(
      MAX_UNVERIFIED_REPORTS,
    );
  });

  test('a day of more groups than fit keeps its totals', async () => {
    const one = report();
    for (const round of [0, 1]) {
      const groups = Array.from({ length: MAX_GROUPS }, (_, n) =>
        single({
          source: `2001:db8::${round}:${n.toString(16)}`,
          envelope: { domain: longName(n * 2 + round), result: 'pass' },
          messages: 3,
        }),
      );
      expect(await store.add({ ...one, key: `round-${round}`, groups })).toBe('added');
    }
    const { aggregates } = await store.read(one.label, one.day, one.day);
    const groups = aggregates[0]?.groups ?? [];
    expect(groups.length).toBeLessThanOrEqual(MAX_GROUPS + 1);
    expect(groups.reduce((total, { messages }) => total + messages, 0)).toBe(6 * MAX_GROUPS);
  });

  test('counts refusals by their reason and keeps the last ones', async () => {
    const label = newLabel();
    for (let n = 0; n < MAX_REFUSALS + 2; n += 1)
      await store.refuse(label, '2026-11-03', refused(n === 0 ? 'truncated' : 'corrupt'));
    const { refusals, aggregates } = await store.read(label, '2026-11-03', '2026-11-03');
    expect(aggregates).toEqual([]);
    expect(refusals).toEqual([
      {
        day: '2026-11-03',
        counts: { truncated: 1, corrupt: MAX_REFUSALS + 1 },
        last: Array(MAX_REFUSALS).fill(refused('corrupt')),
      },
    ]);
  });

  test('keeps what a key was flagged for, the last of a day', async () => {
    const label = newLabel();
    const flag = {
      day: '2026-11-03',
      selector: 'one',
      failed: 80,
      passed: 0,
      reporters: ['a.example'],
    };
    await store.flagKey(label, { ...flag, at: '2026-11-03T01:00:00.000Z' });
    const last = { ...flag, failed: 120, at: '2026-11-03T02:00:00.000Z' };
    await store.flagKey(label, last);
    const { flaggedKeys, aggregates, refusals } = await store.read(
      label,
      '2026-11-01',
      '2026-11-04',
    );
    expect({ flaggedKeys, aggregates, refusals }).toEqual({
      flaggedKeys: [last],
      aggregates: [],
      refusals: [],
    });
  });
});
