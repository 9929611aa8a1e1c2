import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoRotationRuns } from '#shared/aws/rotation-runs.ts';
import { Conflict } from '#shared/domain/errors.ts';
import type { RotationRuns } from '#shared/ports/rotation-runs.ts';
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

describe.each(Object.entries(adapters))('RotationRuns %s', (_name, start) => {
  let runs: RotationRuns;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ runs, close } = await start());
  });
  afterAll(() => close());

  test('a run begins with nothing counted', async () => {
    expect(await runs.start('2026-01', at)).toEqual({
      period: '2026-01',
      revision: 1,
      startedAt: at,
      due: 0,
      notDue: 0,
    });
  });

  test('a period has one run, however often it is started', async () => {
    const first = await runs.start('2026-02', at);
    const next = { ...first, revision: 2, cursor: 'here', due: 3, notDue: 4 };
    await runs.save(next);
    expect(await runs.start('2026-02', '2026-11-02T00:00:00.000Z')).toEqual(next);
  });

  test('of two that go on from the same state one has to read again', async () => {
    const first = await runs.start('2026-03', at);
    const outcomes = await Promise.allSettled([
      runs.save({ ...first, revision: 2, due: 1 }),
      runs.save({ ...first, revision: 2, due: 2 }),
    ]);
    const lost = outcomes.filter(({ status }) => status === 'rejected');
    expect(lost).toHaveLength(1);
    expect((lost[0] as PromiseRejectedResult).reason).toBeInstanceOf(Conflict);
  });

  test('a cursor that is left out is gone', async () => {
    const first = await runs.start('2026-04', at);
    await runs.save({ ...first, revision: 2, cursor: 'here' });
    await runs.save({ ...first, revision: 3, finishedAt: at });
    expect(await runs.start('2026-04', at)).toEqual({ ...first, revision: 3, finishedAt: at });
  });
});
