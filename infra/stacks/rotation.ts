/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import revocationLog from '../../lambdas/revocation-log/function.ts';
import rotationPlanner from '../../lambdas/rotation-planner/function.ts';
import rotationWorker from '../../lambdas/rotation-worker/function.ts';
import { addRevocations } from '../constructs/revocation-bucket.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';

export interface RotationStackProps extends StackProps {
  readonly service: Service;
}

/** The monthly rotation of DKIM keys: its planner, the workers it queues claims for, and the log of what they revoke. */
export class RotationStack extends Stack {
  constructor(scope: Construct, id: string, { service, ...props }: RotationStackProps) {
    super(scope, id, props);
    const log = new ServiceFunction(this, 'RevocationLog', {
      service,
      declaration: revocationLog,
      environment: { REVOCATIONS_BUCKET: service.revocations.bucketName },
    });
    addRevocations(log, service.revocations);
    new ServiceFunction(this, 'Worker', { service, declaration: rotationWorker });
    new ServiceFunction(this, 'Planner', {
      service,
      declaration: rotationPlanner,
      schedules: { Monthly: service.config.rotation.schedule },
    });
  }
}
