import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseScheduleExpression } from '../../../local/aws/schedule-expression.ts';
import { createScheduler } from '../../../local/aws/scheduler.ts';
import type { ScheduleDefinition, ScheduledCall, Scheduler } from '../../../local/aws/scheduler.ts';
import { remove, temporaryDirectory } from './stand-ins.ts';

const at = (text: string): number => Date.parse(text);

const times = (expression: string, from: string, count: number): string[] => {
  const occurrences = parseScheduleExpression(expression);
  const found: string[] = [];
  for (let time: number | undefined = at(from); found.length < count;) {
    time = occurrences.next(time, at('2026-01-01T00:00:00Z'));
    if (time === undefined) break;
    found.push(new Date(time).toISOString().slice(0, 16));
  }
  return found;
};

describe('a schedule expression', () => {
  test.each([
    ['rate(1 day)', '2026-01-01T00:00:00Z', ['2026-01-02T00:00', '2026-01-03T00:00']],
    ['rate(90 minutes)', '2026-01-01T01:00:00Z', ['2026-01-01T01:30', '2026-01-01T03:00']],
    ['cron(0 3 1 * ? *)', '2026-01-15T00:00:00Z', ['2026-02-01T03:00', '2026-03-01T03:00']],
    ['cron(0 3 1 * ? *)', '2026-02-01T03:00:00Z', ['2026-03-01T03:00']],
    [
      'cron(0/20 8-9 ? * MON-FRI *)',
      '2026-01-02T09:30:00Z',
      ['2026-01-02T09:40', '2026-01-05T08:00', '2026-01-05T08:20'],
    ],
    [
      'cron(15 10 L * ? 2026-2027)',
      '2026-01-31T10:15:00Z',
      ['2026-02-28T10:15', '2026-03-31T10:15'],
    ],
    ['cron(0 0 29 2 ? *)', '2026-01-01T00:00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['cron(0 12 ? JAN,JUL 1 *)', '2026-01-20T00:00:00Z', ['2026-01-25T12:00', '2026-07-05T12:00']],
    ['cron(*/30 0 1 1 ? 2026)', '2026-01-01T00:00:00Z', ['2026-01-01T00:30']],
  ])('%s after %s', (expression, from, expected) => {
    expect(times(expression, from, expected.length)).toEqual(expected);
  });

  test('that is over has no next time', () => {
    expect(times('cron(0 0 1 1 ? 2026)', '2026-01-01T00:00:00Z', 1)).toEqual([]);
  });

  test.each([
    'rate(0 minutes)',
    'rate(1 week)',
    'rate(5)',
    'at(2026-01-01T00:00:00)',
    'every day',
    'cron(0 3 1 * ?)',
    'cron(0 3 1 * 2 *)',
    'cron(0 3 ? * ? *)',
    'cron(60 3 1 * ? *)',
    'cron(0 24 1 * ? *)',
    'cron(0 3 15W * ? *)',
    'cron(0 3 ? * 6#3 *)',
    'cron(0 3 ? * 5L *)',
    'cron(0 3 32 * ? *)',
    'cron(0 3 1 FOO ? *)',
    'cron(5-1 3 1 * ? *)',
    'cron(0/0 3 1 * ? *)',
    'cron(0 3 1 * ? 1969)',
  ])('%s is refused', (expression) => {
    expect(() => parseScheduleExpression(expression)).toThrow(/./);
  });
});

describe('the scheduler', () => {
  const ARN = 'arn:aws:scheduler:eu-central-1:000000000000:schedule/default/rotation';
  const MONTHLY: ScheduleDefinition = {
    arn: ARN,
    expression: 'cron(0 3 1 * ? *)',
    input: '{"scheduledTime": "<aws.scheduler.scheduled-time>"}',
    maximumAgeSeconds: 3600,
    maximumRetries: 2,
  };
  let stateDir: string;
  let now: number;
  let calls: ScheduledCall<ScheduleDefinition>[];
  let undelivered: ScheduledCall<ScheduleDefinition>[];
  let failures: number;
  let scheduler: Scheduler;

  const start = (schedule: Partial<ScheduleDefinition> = {}): void => {
    scheduler = createScheduler({
      stateDir,
      schedules: [{ ...MONTHLY, ...schedule }],
      now: () => now,
      log() {},
      async call(made) {
        calls.push(made);
        if (failures-- > 0) throw new Error('the target failed');
      },
      async undelivered(made) {
        undelivered.push(made);
      },
    });
  };

  const tickAt = async (time: string): Promise<void> => {
    now = at(time);
    await scheduler.tick();
  };

  beforeEach(() => {
    stateDir = temporaryDirectory();
    now = at('2026-01-15T12:00:00Z');
    calls = [];
    undelivered = [];
    failures = 0;
    start();
  });

  afterEach(async () => {
    await scheduler.close();
    remove(stateDir);
  });

  test('calls once when the time has come, and passes that time', async () => {
    await scheduler.tick();
    expect(calls).toEqual([]);
    expect(scheduler.nextTime(ARN)).toBe(at('2026-02-01T03:00:00Z'));
    await tickAt('2026-02-01T03:00:07Z');
    await scheduler.tick();
    expect(calls).toMatchObject([
      { input: '{"scheduledTime": "2026-02-01T03:00:00Z"}', attempt: 1 },
    ]);
  });

  test('fills in everything that Scheduler does, and refuses what it does not', async () => {
    await scheduler.close();
    start({
      input:
        '<aws.scheduler.schedule-arn> <aws.scheduler.attempt-number> <aws.scheduler.execution-id>',
    });
    await tickAt('2026-02-01T03:00:00Z');
    expect(calls[0]?.input).toMatch(new RegExp(`^${ARN} 1 [0-9a-f-]{36}$`));
    expect(() => start({ input: '<aws.scheduler.mood>' })).toThrow('mood');
  });

  test('makes up for the last time that passed while it was not there, unless it is too old', async () => {
    await scheduler.close();
    now = at('2026-02-01T03:30:00Z');
    start();
    await scheduler.tick();
    expect(calls).toHaveLength(1);
    await scheduler.close();
    now = at('2026-03-01T05:00:00Z');
    start();
    await scheduler.tick();
    expect(calls).toHaveLength(1);
    expect(scheduler.nextTime(ARN)).toBe(at('2026-04-01T03:00:00Z'));
  });

  test('makes up for one of many', async () => {
    await scheduler.close();
    start({ expression: 'rate(1 minute)' });
    await tickAt('2026-01-15T12:30:30Z');
    expect(calls.map(({ scheduledTime }) => scheduledTime)).toEqual([at('2026-01-15T12:30:00Z')]);
  });

  test('does not call again after a restart', async () => {
    await tickAt('2026-02-01T03:00:00Z');
    await scheduler.close();
    start();
    await scheduler.tick();
    expect(calls).toHaveLength(1);
  });

  test('tries again later and later, then gives the call up', async () => {
    failures = 3;
    await tickAt('2026-02-01T03:00:00Z');
    await tickAt('2026-02-01T03:00:00.500Z');
    expect(calls).toHaveLength(1);
    await tickAt('2026-02-01T03:00:01Z');
    await tickAt('2026-02-01T03:00:03Z');
    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(undelivered).toMatchObject([{ attempt: 3, scheduledTime: at('2026-02-01T03:00:00Z') }]);
    await tickAt('2026-02-01T03:10:00Z');
    expect(calls).toHaveLength(3);
  });

  test('makes its calls by its own timer', async () => {
    await scheduler.close();
    const born = Date.now() - 59_950;
    now = born;
    start({ expression: 'rate(1 minute)' });
    await scheduler.close();
    scheduler = createScheduler({
      stateDir,
      schedules: [{ ...MONTHLY, expression: 'rate(1 minute)' }],
      log() {},
      async call(made) {
        calls.push(made);
      },
      async undelivered() {},
    });
    await expect.poll(() => calls.length).toBe(1);
    expect(calls[0]?.scheduledTime).toBe(born + 60_000);
  });
});
