import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import declaration from '../../lambdas/disclosure/function.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import { unwrapConditions } from '../constructs/wrapping-key.ts';

export interface DisclosureStackProps extends StackProps {
  readonly service: Service;
  readonly wrappingKey: IKey;
}

/**
 * Publishes retired private keys, where the operator switched it on (`rotation.disclosure`). Its
 * function alone may unwrap keys beside the signer, and it can change no claim.
 */
export class DisclosureStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { service, wrappingKey, ...props }: DisclosureStackProps,
  ) {
    super(scope, id, props);
    const disclosure = new ServiceFunction(this, 'Disclosure', {
      service,
      declaration,
      environment: { WRAPPING_KEY_ARN: wrappingKey.keyArn },
      failuresId: 'Failures',
    });
    disclosure.allow({
      actions: ['kms:Decrypt'],
      resources: [wrappingKey.keyArn],
      conditions: unwrapConditions,
    });
  }
}
