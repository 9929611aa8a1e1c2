// `npm run test:dates [DATE...]`: runs the unit suite as if it were another day, so that no test
// depends on the day it is run on. libfaketime shifts the clock of the suite and of every program that
// it starts; timers and the monotonic clock stay as they are. Without DATE, every date has its turn.

import { spawnSync } from 'node:child_process';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
/** Of one date; some programs hang under libfaketime, and that must not use up the time of CI. */
const LIMIT = 10 * 60 * SECOND;

interface Pretended {
  /** Epoch milliseconds. */
  readonly time: number;
  /** What TZ is set to. */
  readonly zone: string;
}

/** The dates by the names that the command line has for them; each in a time zone of another kind. */
function datesFrom(now: number): Record<string, Pretended> {
  return {
    '1-day': { time: now + DAY, zone: 'Pacific/Kiritimati' },
    '45-days': { time: now + 45 * DAY, zone: 'America/St_Johns' },
    '1-year': { time: now + 365 * DAY, zone: 'UTC' },
    'leap-day': { time: nextLeapDay(now), zone: 'Asia/Kathmandu' },
    'summer-time': { time: nextSummerTime(now) - 30 * SECOND, zone: 'Europe/Berlin' },
  };
}

/** Noon of the next 29 February that is wholly ahead. */
function nextLeapDay(now: number): number {
  for (let year = new Date(now).getUTCFullYear(); ; year += 1) {
    const noon = new Date(Date.UTC(year, 1, 29, 12));
    if (noon.getUTCDate() === 29 && noon.getTime() - DAY > now) return noon.getTime();
  }
}

/** When summer time next begins in the European Union: 01:00 UTC on the last Sunday of March. */
function nextSummerTime(now: number): number {
  for (let year = new Date(now).getUTCFullYear(); ; year += 1) {
    const last = new Date(Date.UTC(year, 2, 31, 1));
    const sunday = last.getTime() - last.getUTCDay() * DAY;
    if (sunday - DAY > now) return sunday;
  }
}

const installed = spawnSync('faketime', ['--version'], { stdio: 'ignore' }).status === 0;
if (!installed) {
  console.error(
    'faketime IS NOT INSTALLED: no date was tried. On Debian: apt-get install faketime.',
  );
  process.exit(1);
}

const dates = datesFrom(Date.now());
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => dates[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `No such date: ${unknown.join(', ')}. There are: ${Object.keys(dates).join(', ')}.`,
  );
  process.exit(1);
}

const red = Object.entries(dates)
  .filter(([name]) => asked.length === 0 || asked.includes(name))
  .filter(([name, { time, zone }]) => {
    console.log(`\n== ${name}: ${new Date(time).toISOString()}, TZ=${zone}`);
    return !passesAt(time, zone);
  })
  .map(([name]) => name);
if (red.length > 0) {
  console.error(`RED ON ANOTHER DAY: ${red.join(', ')}`);
  process.exit(1);
}

/** Runs the unit suite at a time that it begins at and that goes on as usual. */
function passesAt(time: number, zone: string): boolean {
  const ahead = Math.round((time - Date.now()) / SECOND);
  const { status, error } = spawnSync(
    'faketime',
    ['-m', '-f', `${ahead < 0 ? '' : '+'}${ahead}`, 'vitest', 'run', '--project', 'unit'],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: LIMIT,
      killSignal: 'SIGKILL',
      env: { ...process.env, TZ: zone, FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    },
  );
  if (error !== undefined) console.error(`The suite did not end by itself: ${error.message}`);
  return status === 0;
}
