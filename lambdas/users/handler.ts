import { apiHandler } from '#shared/api/handler.ts';
import * as aws from '#shared/adapters/aws/wire.ts';
import { clock } from '#shared/runtime/handler.ts';
import { answer } from './answer.ts';
import declaration from './function.ts';

export const handler = apiHandler(declaration, answer, (env) => ({
  tenants: aws.apiKeys(env),
  directory: aws.userDirectory(env),
  invitations: aws.invitations(env),
  bus: aws.eventBus(env),
  budgets: aws.budgets(env),
  answers: aws.answers(env),
  memberships: aws.memberships(env),
  clock,
}));
