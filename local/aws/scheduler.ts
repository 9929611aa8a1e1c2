import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from './http.ts';
import { parseScheduleExpression } from './schedule-expression.ts';
import type { Occurrences } from './schedule-expression.ts';
import { readJsonFile, writeFileAtomically } from './state-file.ts';

/** A schedule as AWS::Scheduler::Schedule has it, in UTC and without a flexible time window. */
export interface ScheduleDefinition {
  readonly arn: string;
  /** `rate(...)` or `cron(...)` */
  readonly expression: string;
  /** The payload, in which `<aws.scheduler.scheduled-time>` and the like are replaced. */
  readonly input: string;
  /** The time after which a late call is dropped. */
  readonly maximumAgeSeconds: number;
  /** The number of retries of a failed call. */
  readonly maximumRetries: number;
}

export interface ScheduledCall<Schedule extends ScheduleDefinition> {
  readonly schedule: Schedule;
  /** The payload with everything replaced. */
  readonly input: string;
  /** When it was due, in milliseconds since 1970. */
  readonly scheduledTime: number;
  /** From 1. */
  readonly attempt: number;
}

export interface SchedulerOptions<Schedule extends ScheduleDefinition> {
  readonly stateDir: string;
  readonly schedules: readonly Schedule[];
  /** Calls the target; a rejection makes another attempt. */
  readonly call: (call: ScheduledCall<Schedule>) => Promise<void>;
  /** Takes the call that failed for good: no attempt is left, or it is too old. */
  readonly undelivered: (call: ScheduledCall<Schedule>, reason: Error) => Promise<void>;
  readonly log: (message: string) => void;
  readonly now?: Clock;
}

export interface Scheduler {
  /** Makes every call that is due now; the scheduler's own timer does the same. */
  tick(): Promise<void>;
  /** When a schedule is due next, in milliseconds since 1970. */
  nextTime(arn: string): number | undefined;
  /** Waits for the calls under way; those not made are made by the next start, if still wanted. */
  close(): Promise<void>;
}

interface Progress {
  /** Another one makes it a new schedule. */
  readonly expression: string;
  readonly createdAt: number;
  /** The last time that was due and is settled. */
  readonly settledUntil: number;
}

interface Entry<Schedule extends ScheduleDefinition> {
  readonly schedule: Schedule;
  readonly occurrences: Occurrences;
  progress: Progress;
  retry?: {
    readonly call: ScheduledCall<Schedule>;
    readonly executionId: string;
    readonly at: number;
  };
}

const ATTRIBUTE = /<aws\.scheduler\.([a-z-]+)>/g;
const ATTRIBUTES = ['scheduled-time', 'schedule-arn', 'execution-id', 'attempt-number'];
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 3_600_000;
/** Node's timers hold no more; a later time is checked again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function checkInput({ arn, input }: ScheduleDefinition): void {
  for (const [whole, name = ''] of input.matchAll(ATTRIBUTE)) {
    if (!ATTRIBUTES.includes(name)) throw new Error(`${arn}: ${whole} in the input is not known`);
  }
}

/** A time as Scheduler writes it: `2026-01-01T00:00:00Z`. */
const isoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

function fill(
  { arn, input }: ScheduleDefinition,
  scheduledTime: number,
  executionId: string,
  attempt: number,
): string {
  const values: Readonly<Record<string, string>> = {
    'scheduled-time': isoSeconds(scheduledTime),
    'schedule-arn': arn,
    'execution-id': executionId,
    'attempt-number': String(attempt),
  };
  return input.replaceAll(ATTRIBUTE, (whole, name: string) => values[name] ?? whole);
}

/**
 * Makes each schedule's calls when they are due, at least once. Of the times that passed while
 * nothing ran, the last one is made up for, as long as its maximum age allows.
 * @throws ScheduleExpressionError, or Error for an input with an unknown attribute
 */
export function createScheduler<Schedule extends ScheduleDefinition>(
  options: SchedulerOptions<Schedule>,
): Scheduler {
  const { call, log, undelivered, now = Date.now } = options;
  const path = join(options.stateDir, 'scheduler.json');
  const stored = (readJsonFile(path) ?? {}) as Readonly<Record<string, Progress>>;
  const entries = options.schedules.map((schedule): Entry<Schedule> => {
    checkInput(schedule);
    const { arn, expression } = schedule;
    const known = stored[arn];
    const progress =
      known?.expression === expression
        ? known
        : { expression, createdAt: now(), settledUntil: now() };
    return { schedule, occurrences: parseScheduleExpression(expression), progress };
  });
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  const save = (): void => {
    const all = Object.fromEntries(
      entries.map(({ schedule, progress }) => [schedule.arn, progress]),
    );
    writeFileAtomically(path, JSON.stringify(all, undefined, 2));
  };
  const isTooOld = ({ schedule, scheduledTime }: ScheduledCall<Schedule>): boolean =>
    now() - scheduledTime > schedule.maximumAgeSeconds * 1000;

  /** The next time of a schedule, or of those that passed meanwhile the last one, if still wanted. */
  const nextOf = ({ schedule, occurrences, progress }: Entry<Schedule>): number | undefined => {
    const wanted = now() - schedule.maximumAgeSeconds * 1000 - 1;
    const next = (after: number): number | undefined => occurrences.next(after, progress.createdAt);
    let time = next(Math.max(progress.settledUntil, wanted));
    for (let later = time; later !== undefined && later <= now(); later = next(later)) time = later;
    return time;
  };

  const settle = (entry: Entry<Schedule>, time: number): void => {
    delete entry.retry;
    entry.progress = { ...entry.progress, settledUntil: time };
    save();
  };

  const attempt = async (
    entry: Entry<Schedule>,
    scheduledTime: number,
    number: number,
    executionId: string,
  ): Promise<void> => {
    const { schedule } = entry;
    const input = fill(schedule, scheduledTime, executionId, number);
    const made = { schedule, input, scheduledTime, attempt: number };
    try {
      await call(made);
      settle(entry, scheduledTime);
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      log(`${schedule.arn}: attempt ${number} failed: ${reason.message}`);
      if (number > schedule.maximumRetries || isTooOld(made)) {
        await undelivered(made, reason);
        settle(entry, scheduledTime);
        return;
      }
      const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (number - 1));
      entry.retry = { call: made, executionId, at: now() + delay };
    }
  };

  const work = async (entry: Entry<Schedule>): Promise<void> => {
    if (closed) return;
    const { retry } = entry;
    if (retry !== undefined) {
      if (retry.at > now()) return;
      const { scheduledTime, attempt: last } = retry.call;
      await attempt(entry, scheduledTime, last + 1, retry.executionId);
    } else {
      const time = nextOf(entry);
      if (time === undefined || time > now()) return;
      await attempt(entry, time, 1, randomUUID());
    }
    await work(entry);
  };

  const schedule = (): void => {
    clearTimeout(timer);
    if (closed) return;
    const times = entries.flatMap((entry) => entry.retry?.at ?? nextOf(entry) ?? []);
    if (times.length === 0) return;
    const delay = Math.max(0, Math.min(...times) - now());
    timer = setTimeout(
      () => {
        tick().catch((error: unknown) => log(`the scheduler failed: ${String(error)}`));
      },
      Math.min(delay, LONGEST_TIMER_MS),
    );
    timer.unref();
  };

  const tick = (): Promise<void> => {
    running ??= Promise.all(entries.map(work))
      .then(() => undefined)
      .finally(() => {
        running = undefined;
        schedule();
      });
    return running;
  };

  save();
  schedule();
  return {
    tick,
    nextTime(arn) {
      const entry = entries.find((candidate) => candidate.schedule.arn === arn);
      return entry && nextOf(entry);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
