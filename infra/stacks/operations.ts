import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Severity } from '#shared/runtime/declaration.ts';
import type { Config } from '../config.ts';
import { Alarms } from '../constructs/alarms.ts';

export interface OperationsStackProps extends StackProps {
  readonly config: Config;
}

/** The targets of alarms, a topic for each severity, and the alarm on what all functions share. */
export class OperationsStack extends Stack {
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, { config, ...props }: OperationsStackProps) {
    super(scope, id, props);
    this.alarms = new Alarms(config, {
      urgent: this.#topic(config, 'Urgent', 'urgent'),
      routine: this.#topic(config, 'Routine', 'routine'),
    });
    this.alarms.add(this, 'FunctionsThrottled', {
      name: 'functions-throttled',
      severity: 'urgent',
      article: 'function-throttled',
      says: 'Lambda throttles functions of the account, in this region.',
      // Without a dimension: the concurrency that is used up is the account's.
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Throttles',
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      }),
      periods: 3,
    });
  }

  #topic(config: Config, id: string, severity: Severity): Topic {
    const topic = new Topic(this, id, {
      topicName: `${config.name}-${severity}`,
      enforceSSL: true,
    });
    topic.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const { email } = config.alarms;
    if (typeof email === 'string') {
      const subscription = topic.addSubscription(new EmailSubscription(email));
      Validations.of(subscription).acknowledge({
        id: 'Serverless-SNSRedrivePolicy',
        reason: 'A mail to a person; the alarm stays visible in CloudWatch if it is lost.',
      });
    }
    return topic;
  }
}
