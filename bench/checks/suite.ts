import { nextDue } from '#shared/app/checks/schedule.ts';
import type { CheckRequest, Queue } from '#shared/app/ports/queues.ts';
import { planChecks } from '../../lambdas/check-planner/plan-checks.ts';
import { copied, DOMAIN, TestEnvironment } from '../../test/unit/app/checks/test-environment.ts';
import type { Line } from '../lib/line.ts';
import { DueTimes } from './due-times.ts';
import { HOUR_MS, MINUTE_MS } from '#shared/core/time.ts';

const DOMAINS = 1_000_000;
/** Domains that sent mail in the last 24 hours, and so are checked hourly. */
const SENDING = 100_000;
/** Domains of a DNS provider that breaks for all of them at once, as the second day begins. */
const BROKEN = 50_000;
const DAY_MINUTES = 1_440;
/**
 * The throughput of 20 checkers of 10 checks at a time in a minute, a second each, as the planner's
 * bounds assume.
 */
const CHECKS_A_MINUTE = 12_000;
const START = Date.parse('2026-11-01T00:00:00.000Z');
const BREAKS_AT = START + DAY_MINUTES * MINUTE_MS;

/**
 * A million domains over two days of virtual time, by the planner and the schedule that are deployed.
 * It begins at the worst: all are due in the same minute, as after a day's outage. On the second day
 * many break at once.
 */
export async function run(emit: (line: Line) => void): Promise<void> {
  const line = (what: string, value: number, unit: string): void =>
    emit({ suite: 'checks', case: what, subject: 'sender-domains', value, unit });
  const times = new DueTimes(DOMAINS, START);
  const waiting: CheckRequest[] = [];
  const checkQueue: Queue<CheckRequest> = {
    send: async (requests) => void waiting.push(...requests),
  };
  const checkedAt = new Float64Array(DOMAINS);
  const made: number[] = [];
  let head = 0;
  let unchecked = DOMAINS;
  let latest = 0;
  let ofBroken = 0;
  for (let minute = 0; minute < 2 * DAY_MINUTES; minute += 1) {
    const now = START + minute * MINUTE_MS;
    if (now === BREAKS_AT) {
      for (let index = SENDING; index < SENDING + BROKEN; index += 1) times.set(index, now);
    }
    await planChecks({ checks: times, checkQueue }, new Date(now));
    const end = Math.min(waiting.length, head + CHECKS_A_MINUTE);
    made.push(end - head);
    for (; head < end; head += 1) {
      const index = Number(waiting[head]!.label);
      if (checkedAt[index] === 0) {
        unchecked -= 1;
        if (unchecked === 0)
          line('until each was checked, all due at once', (minute + 1) / 60, 'h');
      } else latest = Math.max(latest, now - checkedAt[index]!);
      if (isBroken(index, now)) ofBroken += 1;
      checkedAt[index] = now;
      times.set(index, due(index, now));
    }
    if (head === waiting.length) {
      waiting.length = 0;
      head = 0;
    }
    if (minute === DAY_MINUTES - 1) line('checked within 24 h', DOMAINS - unchecked, 'domains');
  }
  const second = made.slice(DAY_MINUTES);
  const mean = second.reduce((sum, one) => sum + one, 0) / second.length;
  line('checks a minute on the second day, mean', mean, 'checks');
  line('checks a minute on the second day, most', Math.max(...second), 'checks');
  line('checks of a domain on the day that it broke with others', ofBroken / BROKEN, 'checks');
  line('longest between two checks of a domain', latest / HOUR_MS, 'h');
  const { own, recursive } = await questionsOfACheck();
  line('questions a check, to a server of the domain', own, 'questions');
  line('questions a check, to the resolvers', recursive, 'questions');
  line('questions a second, to the resolvers', (recursive * mean) / 60, 'questions');
}

const isBroken = (index: number, now: number): boolean =>
  now >= BREAKS_AT && index >= SENDING && index < SENDING + BROKEN;

const due = (index: number, now: number): number =>
  nextDue(
    isBroken(index, now)
      ? { status: 'at-risk', statusSince: new Date(BREAKS_AT).toISOString() }
      : { status: 'verified', statusSince: new Date(START).toISOString() },
    index < SENDING ? { lastSentAt: new Date(now).toISOString() } : {},
    new Date(now),
    Math.random(),
  ).getTime();

/** Of a domain with all its records right. */
async function questionsOfACheck(): Promise<{ own: number; recursive: number }> {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim({ domain: DOMAIN });
  testEnvironment.dns.zone(DOMAIN, copied(claim));
  await testEnvironment.check(claim);
  testEnvironment.dns.asked.splice(0);
  await testEnvironment.check(claim);
  const own = testEnvironment.dns.asked.filter((asked) => asked.startsWith('authoritative')).length;
  return { own, recursive: testEnvironment.dns.asked.length - own };
}
