import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';
import type { Alarms } from './alarms.ts';
import { alarmOnMissedCalls } from './missed-calls.ts';

/**
 * Adds a function's alarms: on calls that its schedules missed, on its lateness, on counters of its
 * own, and on its errors where nothing else shows them. What Lambda throttles is the account's, and
 * has one alarm for all (infra/stacks/operations.ts).
 */
export function alarmOnFunction(
  scope: Construct,
  target: IFunction,
  declaration: FunctionDeclaration,
  alarms: Alarms,
): void {
  const { name, monitoring, wokenBy, alarms: declared = {} } = declaration;
  for (const [id, { counter, minutes, ...alarm }] of Object.entries(declared)) {
    alarms.add(scope, id, { ...alarm, metric: alarms.counter(counter, Duration.minutes(minutes)) });
  }
  if ('stream' in wokenBy && wokenBy.behind !== undefined) {
    const { minutes, ...notice } = wokenBy.behind;
    alarms.add(scope, 'Behind', {
      ...notice,
      name: `${name}-behind`,
      metric: target.metric('IteratorAge', {
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      threshold: Duration.minutes(minutes).toMilliseconds(),
    });
  }
  if ('schedules' in wokenBy) {
    for (const [id, schedule] of Object.entries(wokenBy.schedules)) {
      alarmOnMissedCalls(scope, id, { target, name, schedule, failures: wokenBy.failures, alarms });
    }
  }
  if (monitoring === undefined) return;
  alarms.add(scope, 'Errors', {
    name: `${name}-errors`,
    severity: monitoring.severity,
    article: 'function-errors',
    says: `The function ${name} fails.`,
    metric: target.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(5) }),
  });
}
