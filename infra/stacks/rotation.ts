/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import rotationPlanner from '../../lambdas/rotation-planner/function.ts';
import rotationWorker from '../../lambdas/rotation-worker/function.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import { generateConditions } from '../constructs/wrapping-key.ts';

export interface RotationStackProps extends StackProps {
  readonly service: Service;
  readonly wrappingKey: IKey;
}

/** The monthly rotation of DKIM keys: its planner, the workers it queues claims for, and what is left over. */
export class RotationStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { service, wrappingKey, ...props }: RotationStackProps,
  ) {
    super(scope, id, props);
    const worker = new ServiceFunction(this, 'Worker', {
      service,
      declaration: rotationWorker,
      environment: { WRAPPING_KEY_ARN: wrappingKey.keyArn },
    });
    worker.allow({
      actions: ['kms:GenerateDataKeyPairWithoutPlaintext'],
      resources: [wrappingKey.keyArn],
      conditions: generateConditions,
    });
    new ServiceFunction(this, 'Planner', {
      service,
      declaration: rotationPlanner,
      schedules: { Monthly: service.config.rotation.schedule },
    });
  }
}
