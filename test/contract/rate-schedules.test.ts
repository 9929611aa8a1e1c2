import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  dynamoRateScheduleReader,
  dynamoRateSchedules,
} from '#shared/adapters/aws/rate-schedules.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { RateSchedules, StoredSchedule } from '#shared/app/ports/rate-schedules.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { MemoryRateSchedules } from '../fakes/rate-schedules.ts';
import { startDynamo } from '../support/dynamo.ts';

/** Makes what a further signer has. */
type Signer = () => RateSchedules;

const adapters: Record<string, () => Promise<{ signer: Signer; close: () => Promise<void> }>> = {
  'in memory': async () => {
    const schedules = new MemoryRateSchedules();
    return { signer: () => schedules, close: async () => {} };
  },
  'on DynamoDB': () => onDynamoDb({ now: () => new Date(0) }),
  'on DynamoDB, of rare mail': () => {
    let now = 0;
    return onDynamoDb({ now: () => new Date((now += 1_000)) });
  },
};

async function onDynamoDb(clock: Clock) {
  const dynamo = await startDynamo();
  return {
    signer: () => ({
      ...dynamoRateSchedules(dynamo.client, dynamo.tables.exitRates, 'the exit', clock),
      ...dynamoRateScheduleReader(dynamo.client, dynamo.tables.exitRates, 'the exit'),
    }),
    close: () => dynamo.close(),
  };
}

const first: StoredSchedule = {
  rate: 14,
  freeAt: 1_800_000_000_071.429,
  virtualTime: 7.333,
  unused: 3.5,
  ends: { ['t_a' as TenantId]: 8, ['t_b' as TenantId]: 9.5 },
  shares: { ['t_b' as TenantId]: 0.1 },
  rateAskedAt: 1_800_000_000_000,
};

const put = (schedules: RateSchedules, next: StoredSchedule) =>
  schedules.change(() => ({ next, result: undefined }));

const addToken = (schedules: RateSchedules) =>
  schedules.change((before = { ...first, freeAt: 0 }) => ({
    next: { ...before, freeAt: before.freeAt + 1 },
    result: before.freeAt,
  }));

describe.each(Object.entries(adapters))('RateSchedules %s', (_name, start) => {
  let signer: Signer;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ signer, close } = await start());
  });
  afterEach(() => close());

  test('there is none before the first change, and then what was written', async () => {
    expect(await signer().read()).toBeUndefined();
    await put(signer(), first);
    expect(await signer().read()).toMatchObject(first);
  });

  test('a signer decides by what another wrote meanwhile', async () => {
    const [one, other] = [signer(), signer()];
    expect([await addToken(one), await addToken(other)]).toEqual([0, 1]);
    expect([await addToken(one), await addToken(one), await addToken(other)]).toEqual([2, 3, 4]);
  });

  test('of many at once each has a decision of its own', async () => {
    const signers = Array.from({ length: 4 }, signer);
    const taken = await Promise.all(signers.map(addToken));
    expect(taken.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3]);
  });

  test('a tenant whose line has ended is not in it any more', async () => {
    const schedules = signer();
    await put(schedules, first);
    await put(schedules, { ...first, ends: {} });
    expect((await signer().read())?.ends).toEqual({});
  });

  test('a decision that changes nothing has its result', async () => {
    await put(signer(), first);
    const result = await signer().change((before = first) => ({ next: before, result: 'seen' }));
    expect(result).toBe('seen');
  });
});
