import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Notice, ScheduleDeclaration } from '#shared/runtime/declaration.ts';
import type { Alarms } from './alarms.ts';

/** When so many periods in a row have no call that succeeded, calls were missed. */
const silence = {
  minute: { period: Duration.minutes(5), periods: 3, says: '15 minutes' },
  hour: { period: Duration.hours(1), periods: 2, says: '2 hours' },
  // A day, and two hours for a call that came late. An alarm may wait for 7 days at most.
  day: { period: Duration.hours(1), periods: 26, says: '26 hours' },
} as const;

export interface MissedCalls {
  readonly target: IFunction;
  /** The function's declared name. */
  readonly name: string;
  readonly schedule: ScheduleDeclaration;
  /** Its urgency is that of calls that failed. */
  readonly failures: Pick<Notice, 'severity'>;
  readonly alarms: Alarms;
}

/**
 * Adds the alarm on a schedule that no longer calls, or whose calls all fail.
 *
 * Lambda counts an error of 0 or 1 for each call. So the average is 1 where every call failed, and
 * there is none where nobody called: one metric says both.
 */
export function alarmOnMissedCalls(
  scope: Construct,
  id: string,
  { target, name, schedule: { every, task, succeeded }, failures, alarms }: MissedCalls,
): void {
  if (every === 'month') return;
  const { period, periods, says } = silence[every];
  const isOneOfSeveral = succeeded !== undefined;
  const what = isOneOfSeveral && task !== undefined ? `${name}-${task}` : name;
  alarms.add(scope, `${id}Missed`, {
    name: `${what}-missed`,
    severity: failures.severity,
    article: 'schedule-missed',
    says: `No call of ${what} has succeeded for ${says}: its schedule does not call, or every call fails.`,
    ...(isOneOfSeveral
      ? { metric: alarms.counter(succeeded, period), below: true }
      : { metric: target.metricErrors({ statistic: Stats.AVERAGE, period }) }),
    periods,
    onSilence: true,
  });
}
