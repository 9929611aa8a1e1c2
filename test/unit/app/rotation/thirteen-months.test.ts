import { expect, test } from 'vitest';
import { SendingWorld } from './sending-world.ts';
import { DAY, HOUR } from './world.ts';

const MONTHS = 13;

test(`${MONTHS} months, a mail every hour: an independent verifier passes each on the day and 5 days later`, async () => {
  const world = new SendingWorld();
  const claim = await world.givenDomain('example.com');
  const start = world.now.getTime();
  const end = Date.UTC(2026, MONTHS, 7);
  for (let at = start + HOUR; at < end; at += HOUR) world.at(at, () => world.mail(claim));
  for (let at = start + 5 * HOUR; at < end; at += DAY) world.at(at, () => world.retry());
  const periods: string[] = [];
  for (let month = 1; month <= MONTHS; month += 1) {
    const scheduled = new Date(Date.UTC(2026, month, 1, 3)).toISOString();
    world.schedule(scheduled);
    periods.push(scheduled.slice(0, 7));
  }
  await world.until(end);

  expect(world.problems).toEqual([]);
  expect(world.judged.onTheDay).toBe(Math.floor((end - start - 1) / HOUR));
  expect(world.judged.later).toBeGreaterThan(world.judged.onTheDay - 5 * 24 - 2);
  const rotations = world.claims.written.flatMap(({ rotated }) => rotated?.period ?? []);
  expect(rotations).toEqual(periods);
  expect(await world.pastKeys(claim)).toHaveLength(MONTHS - 1);
  expect(world.zone.upserts).toBe(MONTHS - 1);
  for (const period of periods) {
    const { tally, waves } = await world.runs.progress(period);
    expect(tally).toEqual({ rotated: 1 });
    // Mails of the first three hours; the run watches one.
    const sampled = waves.reduce((sum, { verified }) => sum + verified, 0);
    expect([period, sampled]).toEqual([period, 3]);
  }
}, 300_000);
