/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Schedule } from '../constructs/schedule.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { DeadLetterQueue } from '../constructs/service-queue.ts';
import { deploymentJson } from '../names.ts';
import type { DataStack } from './data.ts';

export interface SenderPolicyStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
}

/** What keeps the hosted SPF records right as third parties change theirs. */
export class SenderPolicyStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, ...props }: SenderPolicyStackProps,
  ) {
    super(scope, id, props);
    const common = { config, alarms };
    const failedEvents = new DeadLetterQueue(this, 'FlattenerFailures', {
      ...common,
      name: 'flattener-failures',
      severity: 'routine',
      says: 'The flattener of SPF includes could not be woken or failed three times over; what it published last stays.',
    }).queue;
    const flattener = new ServiceFunction(this, 'Flattener', {
      ...common,
      name: 'flattener',
      description: 'Keeps SPF includes that are published as addresses up to date',
      timeout: Duration.minutes(5),
      monitoring: { severity: 'routine' },
      failedEvents,
      environment: {
        [Env.deployment]: deploymentJson(config),
        [Env.resolvers]: config.dns.resolvers.join(','),
        [Env.authoritativePort]: String(config.dns.authoritativePort),
      },
    });
    flattener.useTable(data.tables.claims, ['GetItem', 'PutItem']);
    flattener.useTable(data.tables.flattenings, ['PutItem', 'DeleteItem'], ['due']);
    new Schedule(this, 'EveryMinute', {
      config,
      name: 'flattener',
      target: flattener,
      expression: 'rate(1 minute)',
      // The next one comes in a minute and does the same.
      maximumAge: 60,
      failedCalls: failedEvents,
    });
  }
}
