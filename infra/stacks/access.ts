/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Env } from '#shared/runtime/env.ts';
import type { Config } from '../config.ts';
import type { Alarms } from '../constructs/alarms.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { DataStack } from './data.ts';
import type { OnboardingStack } from './onboarding.ts';
import type { UsersStack } from './users.ts';

export interface AccessStackProps extends StackProps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly data: DataStack;
  readonly onboarding: OnboardingStack;
  readonly users: UsersStack;
}

/** The routes by which a tenant says who may act for it: its API keys, and its users. */
export class AccessStack extends Stack {
  constructor(scope: Construct, id: string, { users, ...props }: AccessStackProps) {
    super(scope, id, props);
    this.#apiKeys(props);
    this.#users(props, users);
  }

  #apiKeys({ config, alarms, data, onboarding }: Omit<AccessStackProps, 'users'>): void {
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
    });
  }

  #users(
    { config, alarms, data, onboarding }: Omit<AccessStackProps, 'users'>,
    { pool }: UsersStack,
  ): void {
    const fn = new ServiceFunction(this, 'Users', {
      config,
      alarms,
      name: 'users',
      description: 'The routes about those who use the dashboard',
      timeout: Duration.seconds(29),
      memory: 512,
      monitoring: { severity: 'routine', errors: 5 },
      environment: { [Env.userPoolId]: pool.userPoolId },
    });
    fn.useTable(data.tables.users, ['Query', 'PutItem', 'DeleteItem']);
    fn.allow({
      actions: [
        'cognito-idp:AdminAddUserToGroup',
        'cognito-idp:AdminCreateUser',
        'cognito-idp:AdminDeleteUser',
        'cognito-idp:AdminGetUser',
        'cognito-idp:AdminListGroupsForUser',
        'cognito-idp:AdminRemoveUserFromGroup',
        'cognito-idp:CreateGroup',
        'cognito-idp:ListUsersInGroup',
      ],
      resources: [pool.userPoolArn],
    });
    new Routes(this, 'UserRoutes', {
      api: onboarding.api,
      authorizer: onboarding.authorizer,
      target: fn,
    });
  }
}
