import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import type { AuthorizerContext } from '#shared/api/http.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { dynamoTenantStore } from '#shared/adapters/aws/tenant-store.ts';
import { dynamoRemovedUsers } from '#shared/adapters/aws/user-store.ts';
import { cognitoUserTokens } from '#shared/adapters/aws/user-tokens.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { authorize } from './authorize.ts';

const env = requireEnv(Env.tenantsTable, Env.usersTable, Env.userPoolId);
const dynamo = documentClient();
const ports = {
  tenants: dynamoTenantStore(dynamo, env[Env.tenantsTable]),
  users: cognitoUserTokens(env[Env.userPoolId]),
  removed: dynamoRemovedUsers(dynamo, env[Env.usersTable]),
};

/** API Gateway's authorizer, asked on every request: a revoked key is refused at once. */
export async function handler(
  event: APIGatewayRequestAuthorizerEventV2,
): Promise<APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext | Record<string, never>>> {
  const context = await authorize(event.headers?.['authorization'], ports);
  return { isAuthorized: context !== undefined, context: context ?? {} };
}
