/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import flattener from '../../lambdas/flattener/function.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';

export interface SenderPolicyStackProps extends StackProps {
  readonly service: Service;
}

/** Keeps the hosted SPF records right as third parties change theirs. */
export class SenderPolicyStack extends Stack {
  constructor(scope: Construct, id: string, { service, ...props }: SenderPolicyStackProps) {
    super(scope, id, props);
    new ServiceFunction(this, 'Flattener', { service, declaration: flattener });
  }
}
