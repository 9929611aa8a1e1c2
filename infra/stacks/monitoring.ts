/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import canary from '../../lambdas/canary/function.ts';
import monitor from '../../lambdas/monitor/function.ts';
import reports from '../../lambdas/reports/function.ts';
import sesEvents from '../../lambdas/ses-events/function.ts';
import type { Config } from '../config.ts';
import { receivesMail } from '../config/regions.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { OperatorDashboard } from '../constructs/operator-dashboard.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import { functionName } from '../names.ts';

export interface MonitoringStackProps extends StackProps {
  readonly service: Service;
}

/** What sees that something no longer happens; made last, since it is about all other stacks. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, { service, ...props }: MonitoringStackProps) {
    super(scope, id, props);
    const { config, alarms } = service;
    // Its own queue is counted too.
    const own = `${monitor.name}-failures`;
    const queues = [...alarms.countedHourly, own].map((name) => `${config.name}-${name}`);
    const fn = new ServiceFunction(this, 'Monitor', {
      service,
      declaration: monitor,
      environment: { LETTER_QUEUES: queues.join(',') },
    });
    fn.allow({
      actions: ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
      resources: queues.map((name) => this.formatArn({ service: 'sqs', resource: name })),
    });
    fn.allow({ actions: ['ses:GetAccount'], resources: ['*'] }, 'It is about no resource.');
    if (config.canary !== undefined) this.#afterCanary(config, alarms);
    new OperatorDashboard(this, 'Dashboard', config);
  }

  /**
   * A canary mail has events of SES, and comes to the inbound. Where the canary itself is out, both
   * alarms are quiet: `canary-missed` says it.
   */
  #afterCanary(config: Config, alarms: Alarms): void {
    const missing = (declared: { readonly name: string }) =>
      new MathExpression({
        expression: 'IF(FILL(canary, 0) > 0 AND FILL(calls, 0) == 0, 1, 0)',
        usingMetrics: { canary: calls(config, canary), calls: calls(config, declared) },
        period: PERIOD,
      });
    alarms.add(this, 'SesEventsMissing', {
      name: 'ses-events-missing',
      severity: 'urgent',
      says: 'Mail was sent, and no event of SES came for 2 hours: what became of mail is not known.',
      metric: missing(sesEvents),
      periods: 2,
    });
    if (!receivesMail(config.region)) return;
    alarms.add(this, 'InboundMissing', {
      name: 'inbound-missing',
      severity: 'routine',
      says: 'The hourly canary mail did not come to our own inbound for 2 hours; DMARC reports do not either.',
      metric: missing(reports),
      periods: 2,
    });
  }
}

const PERIOD = Duration.hours(1);

const calls = (config: Config, { name }: { readonly name: string }): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Invocations',
    dimensionsMap: { FunctionName: functionName(config, name) },
    statistic: Stats.SUM,
    period: PERIOD,
  });
