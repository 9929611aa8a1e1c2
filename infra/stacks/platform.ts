/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import importer from '../../lambdas/importer/function.ts';
import imports from '../../lambdas/imports/function.ts';
import tenants from '../../lambdas/tenants/function.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import type { OnboardingStack } from './onboarding.ts';

export interface PlatformStackProps extends StackProps {
  readonly service: Service;
  readonly onboarding: OnboardingStack;
}

/** The routes by which platforms bring their customers in, and what works for them. */
export class PlatformStack extends Stack {
  constructor(scope: Construct, id: string, { service, onboarding, ...props }: PlatformStackProps) {
    super(scope, id, props);
    const { api, authorizer } = onboarding;
    const target = new ServiceFunction(this, 'Tenants', { service, declaration: tenants });
    new Routes(this, 'TenantRoutes', { api, authorizer, target });
    // Made before the function that sends to its queue.
    new ServiceFunction(this, 'Importer', { service, declaration: importer });
    new Routes(this, 'ImportRoutes', {
      api,
      authorizer,
      target: new ServiceFunction(this, 'Imports', { service, declaration: imports }),
    });
  }
}
