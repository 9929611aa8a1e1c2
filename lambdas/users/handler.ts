import type { ApiEvent, ApiResult } from '#shared/api/http.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { cognitoClient, cognitoUserDirectory } from '#shared/adapters/aws/user-directory.ts';
import { dynamoInvitations, dynamoRemovedUsers } from '#shared/adapters/aws/user-store.ts';
import { Env, requireEnv } from '#shared/runtime/env.ts';
import { logger } from '#shared/runtime/log.ts';
import { answer } from './answer.ts';
import type { UserPorts } from './ports.ts';

const env = requireEnv(Env.usersTable, Env.userPoolId);
const dynamo = documentClient();
const ports: UserPorts = {
  directory: cognitoUserDirectory(cognitoClient(), env[Env.userPoolId]),
  invitations: dynamoInvitations(dynamo, env[Env.usersTable]),
  removed: dynamoRemovedUsers(dynamo, env[Env.usersTable]),
  clock: { now: () => new Date() },
};

/** The routes about those who use the dashboard for a tenant. */
export function handler(event: ApiEvent): Promise<ApiResult> {
  return answer(event, ports, (error) => logger.error('a request failed', error as Error));
}
