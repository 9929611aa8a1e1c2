/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Schedule } from '../constructs/schedule.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { DeadLetterQueue } from '../constructs/service-queue.ts';
import type { DataStack } from './data.ts';

export interface RotationStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
}

/** The monthly rotation of DKIM keys: when it starts, and the function that plans it. */
export class RotationStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, ...props }: RotationStackProps,
  ) {
    super(scope, id, props);
    const common = { config, alarms };
    const failedEvents = new DeadLetterQueue(this, 'PlannerFailures', {
      ...common,
      name: 'rotation-planner-failures',
      severity: 'urgent',
      says: 'The monthly rotation did not start, or its planner failed three times over.',
    }).queue;
    const planner = new ServiceFunction(this, 'Planner', {
      ...common,
      name: 'rotation-planner',
      description: 'Plans the monthly rotation of DKIM keys',
      timeout: Duration.minutes(15),
      memory: 512,
      monitoring: { severity: 'urgent' },
      failedEvents,
    });
    planner.useTable(data.tables.claims, ['Scan']);
    planner.useTable(data.tables.rotations, ['GetItem', 'PutItem']);
    new Schedule(this, 'Monthly', {
      config,
      name: 'rotation-planner',
      target: planner,
      expression: config.rotation.schedule,
      // A day late is better than a month; the planner does a period once.
      maximumAge: Duration.days(1).toSeconds(),
      failedCalls: failedEvents,
    });
  }
}
