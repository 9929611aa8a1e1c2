import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dynamoRotationPace } from '#shared/adapters/aws/rotation-pace.ts';
import type { RotationPace } from '#shared/app/ports/rotation-pace.ts';
import { MemoryRotationPace } from '../fakes/rotation-pace.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<string, () => Promise<{ pace: RotationPace; close: () => Promise<void> }>> =
  {
    'in memory': async () => ({ pace: new MemoryRotationPace(), close: async () => {} }),
    'on DynamoDB': async () => {
      const dynamo = await startDynamo();
      return {
        pace: dynamoRotationPace(dynamo.client, dynamo.tables.rotations),
        close: () => dynamo.close(),
      };
    },
  };

const noon = Date.parse('2026-11-01T12:00:00Z');

describe.each(Object.entries(adapters))('RotationPace %s', (_name, start) => {
  let pace: RotationPace;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ pace, close } = await start());
  });
  afterEach(() => close());

  test('slots follow one another without a gap while they are wanted', async () => {
    expect(await pace.reserve(10, 62.5, noon)).toBe(noon);
    expect(await pace.reserve(10, 62.5, noon)).toBe(noon + 625);
    expect(await pace.reserve(1, 62.5, noon + 700)).toBe(noon + 1_250);
  });

  test('slots that passed unused are gone', async () => {
    await pace.reserve(10, 100, noon);
    expect(await pace.reserve(10, 100, noon + 60_000)).toBe(noon + 60_000);
  });

  test('a hold leaves a gap before the next slot', async () => {
    await pace.reserve(10, 100, noon);
    await pace.hold(5_000, noon);
    expect(await pace.reserve(1, 100, noon)).toBe(noon + 6_000);
    await pace.hold(5_000, noon + 60_000);
    expect(await pace.reserve(1, 100, noon + 60_000)).toBe(noon + 65_000);
  });

  test('of many at once none gets a slot of another', async () => {
    const starts = await Promise.all(Array.from({ length: 12 }, () => pace.reserve(5, 100, noon)));
    expect(starts.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => noon + index * 500),
    );
  });
});
