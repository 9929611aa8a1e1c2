import { Stack, type StackProps } from 'aws-cdk-lib';
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

/** The targets of alarms: a topic for each severity. */
export class OperationsStack extends Stack {
  readonly alarms: Alarms;

  constructor(scope: Construct, id: string, { config, ...props }: OperationsStackProps) {
    super(scope, id, props);
    this.alarms = new Alarms(config, {
      urgent: this.#topic(config, 'Urgent', 'urgent'),
      routine: this.#topic(config, 'Routine', 'routine'),
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
    if (config.alarms.email !== undefined) {
      const subscription = topic.addSubscription(new EmailSubscription(config.alarms.email));
      Validations.of(subscription).acknowledge({
        id: 'Serverless-SNSRedrivePolicy',
        reason: 'A mail to a person; the alarm stays visible in CloudWatch if it is lost.',
      });
    }
    return topic;
  }
}
