import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import { TENANT_FIELD, type AuthorizerContext } from '#shared/api/http.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { keyUseNotes } from '#shared/app/note-key-use.ts';
import { clock, environmentOf, logger } from '#shared/runtime/handler.ts';
import { authorize } from './authorize.ts';
import declaration from './function.ts';
import { refusedWhileOut } from './while-out.ts';

// Three tries of the SDK fit into the function's time: a connection that hangs costs one of them.
aws.giveUpSoon({ connectionMs: 500, requestMs: 1_000 });
const env = environmentOf(declaration);
const ports = {
  tenants: aws.apiKeys(env),
  platforms: aws.platformKeys(env),
  users: aws.userTokens(env),
  memberships: aws.memberships(env),
  noteKeyUse: keyUseNotes({ keyUses: aws.keyUses(env), clock, log: logger }),
  clock,
};

const log = (error: unknown): void => logger.error('who calls could not be read', error as Error);

/** API Gateway's authorizer, asked on every request: a revoked key is refused at once. */
export async function handler({
  headers = {},
  requestContext,
}: APIGatewayRequestAuthorizerEventV2): Promise<
  APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext | Record<string, never>>
> {
  const credentials = {
    authorization: headers['authorization'],
    tenant: headers[TENANT_FIELD.toLowerCase()],
    origin: headers['origin'],
    address: requestContext.http.sourceIp,
  };
  const context = await refusedWhileOut(() => authorize(credentials, ports), { isOutage, log });
  return { isAuthorized: context !== undefined, context: context ?? {} };
}
