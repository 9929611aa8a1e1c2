/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import apiKeys from '../../lambdas/api-keys/function.ts';
import users from '../../lambdas/users/function.ts';
import { Routes } from '../constructs/routes.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';
import type { OnboardingStack } from './onboarding.ts';
import type { UsersStack } from './users.ts';

export interface AccessStackProps extends StackProps {
  readonly service: Service;
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

  #apiKeys({ service, onboarding }: Omit<AccessStackProps, 'users'>): void {
    const fn = new ServiceFunction(this, 'ApiKeys', { service, declaration: apiKeys });
    new Routes(this, 'ApiKeyRoutes', {
      api: onboarding.api,
      authorizer: onboarding.authorizer,
      target: fn,
    });
  }

  #users({ service, onboarding }: Omit<AccessStackProps, 'users'>, { pool }: UsersStack): void {
    const fn = new ServiceFunction(this, 'Users', {
      service,
      declaration: users,
      environment: { USER_POOL_ID: pool.userPoolId },
    });
    fn.allow({
      actions: [
        'cognito-idp:AdminCreateUser',
        'cognito-idp:AdminDeleteUser',
        'cognito-idp:AdminGetUser',
        'cognito-idp:AdminListGroupsForUser',
        'cognito-idp:AdminRemoveUserFromGroup',
        'cognito-idp:AdminUpdateUserAttributes',
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
