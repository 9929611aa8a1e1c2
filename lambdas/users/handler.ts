import type { ApiEvent } from '#shared/api/http.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { clock, environmentOf, logFailedRequest } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';
import type { UserPorts } from './ports.ts';

const env = environmentOf(declaration);
const ports: UserPorts = {
  directory: aws.userDirectory(env),
  invitations: aws.invitations(env),
  removed: aws.removedUsers(env),
  clock,
};

export const handler = (event: ApiEvent) => answer(event, ports, logFailedRequest);
