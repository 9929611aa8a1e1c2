import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import type { AuthorizerContext } from '#shared/api/http.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { environmentOf } from '#shared/runtime/handler.ts';
import { authorize } from './authorize.ts';
import declaration from './function.ts';

const env = environmentOf(declaration);
const ports = {
  tenants: aws.apiKeys(env),
  users: aws.userTokens(env),
  removed: aws.removedUsers(env),
};

/** API Gateway's authorizer, asked on every request: a revoked key is refused at once. */
export async function handler(
  event: APIGatewayRequestAuthorizerEventV2,
): Promise<APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext | Record<string, never>>> {
  const context = await authorize(event.headers?.['authorization'], ports);
  return { isAuthorized: context !== undefined, context: context ?? {} };
}
