/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import declaration from '../../lambdas/disclosure/function.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';

export interface DisclosureStackProps extends StackProps {
  readonly service: Service;
}

/**
 * Publishes retired private keys, where the operator switched it on (`rotation.disclosure`). Its
 * function alone may unwrap keys beside the signer, and it can change no claim.
 */
export class DisclosureStack extends Stack {
  constructor(scope: Construct, id: string, { service, ...props }: DisclosureStackProps) {
    super(scope, id, props);
    new ServiceFunction(this, 'Disclosure', { service, declaration, failuresId: 'Failures' });
  }
}
