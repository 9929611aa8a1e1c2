/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Schedule } from '../constructs/schedule.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { DeadLetterQueue } from '../constructs/service-queue.ts';
import { unwrapConditions } from '../constructs/wrapping-key.ts';
import type { DataStack } from './data.ts';

export interface DisclosureStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
}

/**
 * What publishes retired private keys, where the operator switched it on (`rotation.disclosure`): the
 * only function beside the signer that may unwrap, and one that can change no claim.
 */
export class DisclosureStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, ...props }: DisclosureStackProps,
  ) {
    super(scope, id, props);
    const common = { config, alarms };
    const failedEvents = new DeadLetterQueue(this, 'Failures', {
      ...common,
      name: 'disclosure-failures',
      severity: 'routine',
      says: 'The disclosure of retired keys could not be woken or failed three times over; they wait.',
    }).queue;
    const disclosure = new ServiceFunction(this, 'Disclosure', {
      ...common,
      name: 'disclosure',
      description: 'Publishes retired private keys once nothing verifies with them',
      timeout: Duration.minutes(15),
      memory: 512,
      monitoring: { severity: 'routine' },
      failedEvents,
      environment: {
        [Env.wrappingKeyArn]: data.wrappingKey.keyArn,
        [Env.resolvers]: config.dns.resolvers.join(','),
        [Env.authoritativePort]: String(config.dns.authoritativePort),
      },
    });
    const { claims, disclosures, revokedKeys } = data.tables;
    disclosure.useTable(claims, ['BatchGetItem', 'ConditionCheckItem']);
    disclosure.useTable(disclosures, ['BatchGetItem', 'PutItem', 'DeleteItem'], ['due']);
    disclosure.useTable(revokedKeys, ['PutItem']);
    disclosure.allow({
      actions: ['kms:Decrypt'],
      resources: [data.wrappingKey.keyArn],
      conditions: unwrapConditions,
    });
    new Schedule(this, 'Daily', {
      config,
      name: 'disclosure',
      target: disclosure,
      expression: 'cron(0 6 * * ? *)',
      // The next one comes in a day and does the same.
      maximumAge: Duration.hours(12).toSeconds(),
      failedCalls: failedEvents,
    });
    alarms.add(disclosure, 'Failed', {
      name: 'disclosures-failed',
      severity: 'routine',
      article: 'disclosures-failed',
      says: 'A retired private key could not be disclosed.',
      metric: alarms.counter('DisclosuresFailed', Duration.hours(1)),
    });
  }
}
