import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dynamoZoneLeases } from '#shared/adapters/aws/zone-leases.ts';
import type { ShardName } from '#shared/core/model/names.ts';
import type { ZoneLeases } from '#shared/app/ports/zone-leases.ts';
import { MemoryZoneLeases } from '../fakes/zone-leases.ts';
import { startDynamo } from '../support/dynamo.ts';

const adapters: Record<string, () => Promise<{ leases: ZoneLeases; close: () => Promise<void> }>> =
  {
    'in memory': async () => ({ leases: new MemoryZoneLeases(), close: async () => {} }),
    'on DynamoDB': async () => {
      const dynamo = await startDynamo();
      return {
        leases: dynamoZoneLeases(dynamo.client, dynamo.tables.leases),
        close: () => dynamo.close(),
      };
    },
  };

const s1 = 's1.sd.example.net' as ShardName;
const s2 = 's2.sd.example.net' as ShardName;
const noon = Date.parse('2026-11-01T12:00:00Z');

describe.each(Object.entries(adapters))('ZoneLeases %s', (_name, start) => {
  let leases: ZoneLeases;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ leases, close } = await start());
  });
  afterEach(() => close());

  const take = (by: string, now = noon, urgent = false, shard = s1) =>
    leases.take(shard, { by, now, until: now + 20_000, urgent });

  test('a zone that is taken is the taker’s, to extend, and nobody else’s; another zone is free', async () => {
    expect(await take('one')).toBe(true);
    expect(await take('two', noon + 19_999)).toBe(false);
    expect(await take('two', noon + 19_999, true)).toBe(false);
    expect(await take('one', noon + 19_999)).toBe(true);
    expect(await take('two', noon + 20_000)).toBe(false);
    expect(await take('two', noon, false, s2)).toBe(true);
  });

  test('of many at once one takes the zone', async () => {
    const taken = await Promise.all(Array.from({ length: 12 }, (_, index) => take(String(index))));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('a zone that is given back or whose lease has ended is free', async () => {
    await take('one');
    await leases.release(s1, 'one');
    expect(await take('two')).toBe(true);
    expect(await take('three', noon + 20_000)).toBe(true);
  });

  test('nobody gives back what another holds', async () => {
    await take('one');
    await leases.release(s1, 'two');
    await leases.release(s2, 'two');
    expect(await take('two')).toBe(false);
  });

  test('an urgent request keeps the holder from extending and others from taking', async () => {
    await take('one');
    await leases.request(s1, noon + 10_000);
    expect(await take('one', noon + 1)).toBe(false);
    await leases.release(s1, 'one');
    expect(await take('two', noon + 2)).toBe(false);
    expect(await take('urgent', noon + 3, true)).toBe(true);
    // The request is met: others take their turn as soon as the zone is free.
    await leases.release(s1, 'urgent');
    expect(await take('two', noon + 4)).toBe(true);
  });

  test('an urgent request of one that died ends by itself', async () => {
    await leases.request(s1, noon + 10_000);
    expect(await take('one', noon + 9_999)).toBe(false);
    expect(await take('one', noon + 10_000)).toBe(true);
  });
});
