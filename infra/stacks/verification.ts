/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Schedule } from '../constructs/schedule.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { DeadLetterQueue, ServiceQueue } from '../constructs/service-queue.ts';
import { deploymentJson } from '../names.ts';
import type { DataStack } from './data.ts';
import type { RotationStack } from './rotation.ts';

export interface VerificationStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
  readonly rotation: RotationStack;
}

/**
 * What makes a claim `verified` and its sending `ready`: checks of what the customer published,
 * and the SES identity that the checks wait for and wake.
 */
export class VerificationStack extends Stack {
  readonly checkQueue: ServiceQueue;
  readonly identityQueue: ServiceQueue;

  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, rotation, ...props }: VerificationStackProps,
  ) {
    super(scope, id, props);
    const common = { config, alarms };
    const { claims, identities, checks } = data.tables;

    const checkerTimeout = Duration.minutes(1);
    this.checkQueue = new ServiceQueue(this, 'CheckQueue', {
      ...common,
      name: 'check',
      env: Env.checkQueueUrl,
      consumerTimeout: checkerTimeout,
      deadLetters: {
        severity: 'routine',
        says: 'A domain could not be checked; its status may be out of date.',
      },
    });
    const identitiesTimeout = Duration.minutes(1);
    this.identityQueue = new ServiceQueue(this, 'IdentityQueue', {
      ...common,
      name: 'identity',
      env: Env.identityQueueUrl,
      fifo: true,
      consumerTimeout: identitiesTimeout,
      deadLetters: {
        severity: 'routine',
        says: 'The SES identity of a domain could not be made or removed.',
      },
    });

    const checker = new ServiceFunction(this, 'Checker', {
      ...common,
      name: 'checker',
      description: 'Resolves what a customer published and moves the claim to its status',
      timeout: checkerTimeout,
      memory: 512,
      monitoring: { severity: 'routine' },
      environment: {
        [Env.deployment]: deploymentJson(config),
        [Env.resolvers]: config.dns.resolvers.join(','),
        [Env.authoritativePort]: String(config.dns.authoritativePort),
      },
    });
    checker.useTable(claims, [
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
    ]);
    checker.useTable(identities, ['GetItem']);
    checker.useTable(checks, ['GetItem', 'UpdateItem', 'DeleteItem']);
    checker.sendTo(this.identityQueue);
    checker.sendTo(rotation.rotationQueue);
    alarms.add(checker, 'AtRisk', {
      name: 'claims-at-risk',
      severity: 'urgent',
      article: 'claims-at-risk',
      says: 'Many domains broke within an hour, which points at our DNS rather than at theirs.',
      metric: alarms.counter('ClaimsAtRisk', Duration.hours(1)),
      threshold: 20,
    });
    checker.consume(this.checkQueue, { batchSize: 10, concurrency: 20 });

    const identityFunction = new ServiceFunction(this, 'Identities', {
      ...common,
      name: 'identities',
      description: 'Makes, polls and removes SES identities at one control call a second',
      timeout: identitiesTimeout,
      monitoring: { severity: 'routine' },
      environment: { [Env.deployment]: deploymentJson(config) },
    });
    identityFunction.useTable(claims, ['BatchGetItem']);
    identityFunction.useTable(identities, ['BatchGetItem', 'PutItem', 'DeleteItem']);
    identityFunction.allow(
      {
        actions: [
          'ses:DeleteIdentity',
          'ses:GetIdentityVerificationAttributes',
          'ses:SetIdentityMailFromDomain',
          'ses:VerifyDomainIdentity',
        ],
        resources: ['*'],
      },
      'SES has no resource-level permissions for these calls.',
    );
    identityFunction.consume(this.identityQueue, { batchSize: 10 });
    alarms.add(identityFunction, 'Failed', {
      name: 'identity-failed',
      severity: 'routine',
      article: 'identity-failed',
      says: 'SES gave up verifying many domains within an hour.',
      metric: alarms.counter('IdentityFailed', Duration.hours(1)),
      threshold: 10,
    });

    const failedEvents = new DeadLetterQueue(this, 'PlannerFailures', {
      ...common,
      name: 'check-planner-failures',
      severity: 'routine',
      says: 'The check planner could not be woken or failed three times over.',
    }).queue;
    const planner = new ServiceFunction(this, 'CheckPlanner', {
      ...common,
      name: 'check-planner',
      description: 'Queues the checks that are due, every minute',
      timeout: Duration.seconds(50),
      monitoring: { severity: 'routine' },
      failedEvents,
    });
    planner.useTable(checks, ['UpdateItem'], ['due']);
    planner.sendTo(this.checkQueue);
    new Schedule(this, 'EveryMinute', {
      config,
      name: 'check-planner',
      target: planner,
      expression: 'rate(1 minute)',
      // The next one comes in a minute and does the same.
      maximumAge: 60,
      failedCalls: failedEvents,
    });
  }
}
