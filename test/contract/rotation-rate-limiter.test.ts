import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dynamoRotationRateLimiter } from '#shared/adapters/aws/rotation-rate-limiter.ts';
import type { RotationRateLimiter } from '#shared/app/ports/rotation-rate-limiter.ts';
import { MemoryRotationRateLimiter } from '../fakes/rotation-rate-limiter.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<
  string,
  () => Promise<{ rateLimiter: RotationRateLimiter; close: () => Promise<void> }>
> = {
  'in memory': async () => ({
    rateLimiter: new MemoryRotationRateLimiter(),
    close: async () => {},
  }),
  'on DynamoDB': async () => {
    const dynamo = await startDynamo();
    return {
      rateLimiter: dynamoRotationRateLimiter(dynamo.client, dynamo.tables.rotations),
      close: () => dynamo.close(),
    };
  },
};

const noon = Date.parse('2026-11-01T12:00:00Z');

describe.each(Object.entries(adapters))('RotationPace %s', (_name, start) => {
  let rateLimiter: RotationRateLimiter;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ rateLimiter, close } = await start());
  });
  afterEach(() => close());

  test('slots follow one another without a gap while they are wanted', async () => {
    expect(await rateLimiter.reserve(10, 62.5, noon)).toBe(noon);
    expect(await rateLimiter.reserve(10, 62.5, noon)).toBe(noon + 625);
    expect(await rateLimiter.reserve(1, 62.5, noon + 700)).toBe(noon + 1_250);
  });

  test('slots that passed unused are gone', async () => {
    await rateLimiter.reserve(10, 100, noon);
    expect(await rateLimiter.reserve(10, 100, noon + 60_000)).toBe(noon + 60_000);
  });

  test('a hold leaves a gap before the next slot', async () => {
    await rateLimiter.reserve(10, 100, noon);
    await rateLimiter.hold(5_000, noon);
    expect(await rateLimiter.reserve(1, 100, noon)).toBe(noon + 6_000);
    await rateLimiter.hold(5_000, noon + 60_000);
    expect(await rateLimiter.reserve(1, 100, noon + 60_000)).toBe(noon + 65_000);
  });

  test('of many at once none gets a slot of another', async () => {
    const starts = await Promise.all(
      Array.from({ length: 12 }, () => rateLimiter.reserve(5, 100, noon)),
    );
    expect(starts.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => noon + index * 500),
    );
  });
});
