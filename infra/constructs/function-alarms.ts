import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';
import type { Alarms } from './alarms.ts';

/**
 * Adds a function's alarms: on its failing, its lateness, and on counters of its own. What Lambda
 * throttles is the account's, and has one alarm for all (infra/stacks/operations.ts).
 */
export function alarmOnFunction(
  scope: Construct,
  target: IFunction,
  { name, monitoring, wokenBy, alarms: declared = {} }: FunctionDeclaration,
  alarms: Alarms,
): void {
  for (const [id, { counter, minutes, ...alarm }] of Object.entries(declared)) {
    alarms.add(scope, id, { ...alarm, metric: alarms.counter(counter, Duration.minutes(minutes)) });
  }
  if ('stream' in wokenBy) {
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
  const { severity, errors = 1 } = monitoring;
  const sum = { statistic: Stats.SUM, period: Duration.minutes(5) };
  alarms.add(scope, 'Errors', {
    name: `${name}-errors`,
    severity,
    article: 'function-errors',
    says: `The function ${name} fails.`,
    metric: target.metricErrors(sum),
    threshold: errors,
  });
}
