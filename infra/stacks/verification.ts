/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import checkPlanner from '../../lambdas/check-planner/function.ts';
import checker from '../../lambdas/checker/function.ts';
import identities from '../../lambdas/identities/function.ts';
import identityPlanner from '../../lambdas/identity-planner/function.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';

export interface VerificationStackProps extends StackProps {
  readonly service: Service;
}

/**
 * Makes a claim `verified` and its sending `ready`: checks of the customer's records, and the SES
 * identity that the checks wait for and wake.
 */
export class VerificationStack extends Stack {
  constructor(scope: Construct, id: string, { service, ...props }: VerificationStackProps) {
    super(scope, id, props);
    new ServiceFunction(this, 'Identities', { service, declaration: identities }).allow(
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
    new ServiceFunction(this, 'IdentityPlanner', { service, declaration: identityPlanner }).allow(
      { actions: ['ses:ListIdentities'], resources: ['*'] },
      'SES has no resource-level permissions for this call.',
    );
    new ServiceFunction(this, 'Checker', { service, declaration: checker });
    new ServiceFunction(this, 'CheckPlanner', {
      service,
      declaration: checkPlanner,
      failuresId: 'PlannerFailures',
    });
  }
}
