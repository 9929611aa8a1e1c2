import { expect, test } from 'vitest';
import { isLong } from '../../../support/long.ts';
import { SendingTestEnvironment } from './sending-test-environment.ts';
import { DAY, HOUR } from './test-environment.ts';

const MONTHS = 13;
/** Hours from one mail to the next; around the turn of a month it is one. */
const EVERY = isLong ? 1 : 8;

test(`${MONTHS} months, a mail every ${EVERY} hours: an independent verifier passes each on the day and 5 days later`, async () => {
  const testEnvironment = new SendingTestEnvironment();
  const claim = await testEnvironment.givenDomain('example.com');
  const start = testEnvironment.now.getTime();
  const end = Date.UTC(2026, MONTHS, 7);
  const times = Array.from({ length: (end - start) / HOUR - 1 }, (_, n) => start + (n + 1) * HOUR);
  const sent = times.filter((at) => isTurn(at) || ((at - start) / HOUR) % EVERY === 0);
  for (const at of sent) testEnvironment.at(at, () => testEnvironment.mail(claim));
  for (let at = start + 5 * HOUR; at < end; at += DAY)
    testEnvironment.at(at, () => testEnvironment.retry());
  const periods: string[] = [];
  for (let month = 1; month <= MONTHS; month += 1) {
    const scheduled = new Date(Date.UTC(2026, month, 1, 3)).toISOString();
    testEnvironment.schedule(scheduled);
    periods.push(scheduled.slice(0, 7));
  }
  await testEnvironment.until(end);

  expect(testEnvironment.problems).toEqual([]);
  expect(testEnvironment.judged.onTheDay).toBe(sent.length);
  expect(testEnvironment.judged.later).toBeGreaterThan(
    testEnvironment.judged.onTheDay - 5 * 24 - 2,
  );
  const rotations = testEnvironment.claims.written.flatMap(({ rotated }) => rotated?.period ?? []);
  expect(rotations).toEqual(periods);
  expect(await testEnvironment.pastKeys(claim)).toHaveLength(MONTHS - 1);
  expect(testEnvironment.zone.upserts).toBe(MONTHS - 1);
  for (const period of periods) {
    const { tally, waves } = await testEnvironment.runs.progress(period);
    expect(tally).toEqual({ rotated: 1 });
    // Mails of the first three hours; the run watches one.
    const sampled = waves.reduce((sum, { verified }) => sum + verified, 0);
    expect([period, sampled]).toEqual([period, 3]);
  }
}, 300_000);

/** The last hours of a month, and its first day. */
function isTurn(at: number): boolean {
  const time = new Date(at);
  return time.getUTCDate() === 1 || new Date(at + 6 * HOUR).getUTCDate() === 1;
}
