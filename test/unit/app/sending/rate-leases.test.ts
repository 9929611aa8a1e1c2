import { describe, expect, test } from 'vitest';
import { rateLeases } from '#shared/app/sending/rate-leases.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { MINUTE_MS } from '#shared/core/time.ts';
import { MemoryRateSchedules } from '../../../fakes/rate-schedules.ts';
import { FakeTime } from '../../../fakes/time.ts';

function given() {
  const time = new FakeTime();
  const schedules = new MemoryRateSchedules();
  const warnings: string[] = [];
  const exit = { rate: 14, asked: 0, failing: [] as Error[] };
  const leases = rateLeases({
    schedules,
    askRate: async () => {
      exit.asked += 1;
      const failure = exit.failing.shift();
      if (failure !== undefined) throw failure;
      return exit.rate;
    },
    ...time,
    sleep: async () => {},
    log: { info: () => {}, warn: (message) => void warnings.push(message), error: () => {} },
  });
  const lease = (tenant = 't_a', acceptedAt = '2026-11-23T00:00:00.000Z') =>
    leases.lease({ tenant: tenant as TenantId, acceptedAt, recipients: 1, joining: 1 });
  return { time, schedules, warnings, exit, leases, lease };
}

describe('the rate', () => {
  test('is asked for before the first lease, and then every 5 minutes', async () => {
    const { time, schedules, exit, lease } = given();
    await lease();
    expect(schedules.stored?.rate).toBe(14);
    exit.rate = 100;
    time.advance(5 * MINUTE_MS - 1);
    await lease();
    expect({ asked: exit.asked, rate: schedules.stored?.rate }).toEqual({ asked: 1, rate: 14 });
    time.advance(1);
    await lease();
    expect({ asked: exit.asked, rate: schedules.stored?.rate }).toEqual({ asked: 2, rate: 100 });
  });

  test('stays what it was where the exit does not answer, which is asked again after 10 s', async () => {
    const { time, schedules, warnings, exit, lease } = given();
    await lease();
    exit.failing.push(new Error('out'));
    time.advance(5 * MINUTE_MS);
    expect(await lease()).toMatchObject({ kind: 'granted' });
    expect(schedules.stored?.rate).toBe(14);
    expect(warnings).toEqual(['the send rate could not be read']);
    time.advance(9_999);
    await lease();
    expect(exit.asked).toBe(2);
    time.advance(1);
    await lease();
    expect(exit.asked).toBe(3);
  });

  test('is one a second until the exit has answered', async () => {
    const { schedules, exit, lease } = given();
    exit.failing.push(new Error('out'));
    expect(await lease()).toMatchObject({ kind: 'granted' });
    expect(schedules.stored?.rate).toBe(1);
  });

  test('is asked for by one of two signers', async () => {
    const { schedules, exit, time, lease } = given();
    const other = rateLeases({
      schedules,
      askRate: () => Promise.reject(new Error('asked twice')),
      ...time,
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    const mail = { tenant: 't_b' as TenantId, acceptedAt: '', recipients: 1, joining: 1 };
    await Promise.all([lease(), other.lease(mail)]);
    expect(exit.asked).toBe(1);
  });
});

test('requests made at once share a write, oldest mail first', async () => {
  const { schedules, lease } = given();
  await lease();
  const { writes } = schedules;
  const [late, early] = await Promise.all([
    lease('t_a', '2026-11-23T00:00:09.000Z'),
    lease('t_a', '2026-11-23T00:00:01.000Z'),
  ]);
  expect(schedules.writes).toBe(writes + 1);
  expect(early.place).toBeLessThan(late.place);
});

test('a failed write fails the requests that share it, and no other', async () => {
  const { schedules, lease } = given();
  await lease();
  schedules.failing.push(new Error('out'));
  await expect(lease()).rejects.toThrow('out');
  expect(await lease()).toMatchObject({ kind: 'granted' });
});

test('all leave the exit alone where it asks to slow down', async () => {
  const { time, leases, lease } = given();
  await lease();
  await leases.slowDown(1_000);
  expect(await lease('t_b')).toMatchObject({ at: time.clock.now().getTime() + 1_000 });
});
