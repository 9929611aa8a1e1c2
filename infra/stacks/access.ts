/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { DataStack } from './data.ts';
import type { OnboardingStack } from './onboarding.ts';

export interface AccessStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
  readonly onboarding: OnboardingStack;
}

/** The routes by which a tenant makes and revokes API keys of its own. */
export class AccessStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { config, alarms, data, onboarding, ...props }: AccessStackProps,
  ) {
    super(scope, id, props);
    const fn = new ServiceFunction(this, 'ApiKeys', {
      config,
      alarms,
      name: 'api-keys',
      description: 'The routes about API keys',
      timeout: Duration.seconds(29),
      memory: 512,
      monitoring: { severity: 'routine', errors: 5 },
    });
    fn.useTable(data.tables.tenants, [
      'GetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'ConditionCheckItem',
    ]);
    new Routes(this, 'ApiKeyRoutes', {
      api: onboarding.api,
      authorizer: onboarding.authorizer,
      target: fn,
      routeKeys: ['GET /v1/api-keys', 'POST /v1/api-keys', 'DELETE /v1/api-keys/{id}'],
    });
  }
}
