import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ScheduleDeclaration } from '#shared/runtime/declaration.ts';
import type { Config } from '../config.ts';
import { functionName } from '../names.ts';

export interface ScheduleProps extends ScheduleDeclaration {
  readonly config: Config;
  /** The function's name. */
  readonly name: string;
  readonly target: IFunction;
  readonly expression: string;
  /** Takes the calls that Scheduler could not make. */
  readonly failedCalls: IQueue;
}

/**
 * Wakes a function by EventBridge Scheduler with `{"scheduledTime": "<ISO 8601>"}` (and `"task"`
 * where there is one). The due time stays the same however late or often the call comes (Scheduler
 * is at-least-once).
 */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id);
    const target = props.target.functionArn;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target] }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [props.failedCalls.queueArn],
      }),
    );
    const schedule = new CfnSchedule(this, 'Schedule', {
      name: `${functionName(props.config, props.name)}${props.task === undefined ? '' : `-${props.task}`}`,
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: target,
        roleArn: role.roleArn,
        input: JSON.stringify({
          task: props.task,
          scheduledTime: '<aws.scheduler.scheduled-time>',
        }),
        retryPolicy: {
          maximumEventAgeInSeconds: props.maximumAge ?? 3600,
          maximumRetryAttempts: 10,
        },
        deadLetterConfig: { arn: props.failedCalls.queueArn },
      },
    });
    // Scheduler tries the role as soon as the schedule is there.
    schedule.node.addDependency(role);
  }
}
