import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoRotationRuns } from '#shared/adapters/aws/rotation-runs.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { Label } from '#shared/core/model/names.ts';
import type { RotationRuns } from '#shared/app/ports/rotation-runs.ts';
import { MemoryRotationRuns } from '../fakes/rotation-runs.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<string, () => Promise<{ runs: RotationRuns; close: () => Promise<void> }>> =
  {
    'in memory': async () => ({ runs: new MemoryRotationRuns(), close: async () => {} }),
    'on DynamoDB': async () => {
      const dynamo = await startDynamo();
      return {
        runs: dynamoRotationRuns(dynamo.client, dynamo.tables.rotations),
        close: () => dynamo.close(),
      };
    },
  };

const at = '2026-11-01T00:00:03.000Z';
const nothing = { batches: 0, verified: 0, unverified: 0 };

describe.each(Object.entries(adapters))('RotationRuns %s', (_name, start) => {
  let runs: RotationRuns;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ runs, close } = await start());
  });
  afterAll(() => close());

  test('before the first run there is none', async () => {
    expect(await runs.latest()).toBeUndefined();
  });

  test('a run begins with its first wave and nothing counted', async () => {
    expect(await runs.start('2026-01', at)).toEqual({
      period: '2026-01',
      revision: 1,
      startedAt: at,
      wave: 0,
      stage: 'queueing',
      stageSince: at,
      batches: 0,
      planned: 0,
    });
    expect(await runs.progress('2026-01')).toEqual({
      tally: {},
      later: {},
      waves: [nothing, nothing, nothing, nothing],
    });
  });

  test('a period has one run, however often it is started', async () => {
    const first = await runs.start('2026-02', at);
    const cursor = { shard: 3, after: 'abc' as Label };
    const next = { ...first, revision: 2, cursor, batches: 3, planned: 40 };
    await runs.save(next);
    expect(await runs.start('2026-02', '2026-11-02T00:00:00.000Z')).toEqual(next);
  });

  test('the latest is that of the latest period, in any order of their starts', async () => {
    const latest = await runs.start('2027-01', at);
    await runs.start('2026-12', at);
    expect(await runs.latest()).toEqual(latest);
  });

  test('of two that go on from the same state one has to read again', async () => {
    const first = await runs.start('2026-03', at);
    const outcomes = await Promise.allSettled([
      runs.save({ ...first, revision: 2, batches: 1 }),
      runs.save({ ...first, revision: 2, batches: 2 }),
    ]);
    const lost = outcomes.filter(({ status }) => status === 'rejected');
    expect(lost).toHaveLength(1);
    expect((lost[0] as PromiseRejectedResult).reason).toBeInstanceOf(Conflict);
  });

  test('a cursor that is left out is gone', async () => {
    const first = await runs.start('2026-04', at);
    await runs.save({ ...first, revision: 2, cursor: { shard: 1 } });
    await runs.save({ ...first, revision: 3, finishedAt: at });
    expect(await runs.start('2026-04', at)).toEqual({ ...first, revision: 3, finishedAt: at });
  });

  test('a batch is counted once, also when it is done by two at once', async () => {
    const batch = { period: '2026-05', wave: 1, batch: 0 };
    const tally = { rotated: 30, 'held-back:cname-missing': 2 } as const;
    await Promise.all(Array.from({ length: 5 }, () => runs.count(batch, tally)));
    await runs.count({ ...batch, batch: 1 }, { rotated: 8, 'not-due': 1 });
    await runs.count({ ...batch, wave: 3 }, {});
    expect(await runs.progress('2026-05')).toEqual({
      tally: { rotated: 38, 'held-back:cname-missing': 2, 'not-due': 1 },
      later: {},
      waves: [nothing, { ...nothing, batches: 2 }, nothing, { ...nothing, batches: 1 }],
    });
  });

  test('retries and samples are counted beside', async () => {
    await runs.countLater('2026-06', { rotated: 2, 'not-due': 1 });
    await runs.countLater('2026-06', { rotated: 1 });
    await runs.countLater('2026-06', {});
    await Promise.all([
      runs.countSample({ period: '2026-06', wave: 1, verified: true }),
      runs.countSample({ period: '2026-06', wave: 1, verified: true }),
      runs.countSample({ period: '2026-06', wave: 2, verified: false }),
    ]);
    expect(await runs.progress('2026-06')).toEqual({
      tally: {},
      later: { rotated: 3, 'not-due': 1 },
      waves: [nothing, { ...nothing, verified: 2 }, { ...nothing, unverified: 1 }, nothing],
    });
  });
});
